# Completion of commands, keys and values for bash:
#
#   . jobs/completion.bash
#
# The program is asked for them, once in a shell: admmnet -help and admmnet -help-markdown. Where
# the table of keys allows words they are offered; other keys get the names of files.

# Of PROGRAM the commands into _admmnet_commands, and the words of each key into _admmnet_words.
_admmnet_learn() { # PROGRAM
    [ "${_admmnet_asked-}" != "$1" ] || return 0
    local names allowed words name
    _admmnet_commands=$("$1" -help 2>/dev/null </dev/null |
        sed -n '1s/^usage: [^ ]* \([a-z|]*\) .*/\1/p' | tr '|' ' ')
    [ -n "$_admmnet_commands" ] || return 1
    declare -gA _admmnet_words=()
    # | `-key, -second_name` | default | one of these, those | meaning |
    while IFS='|' read -r _ names _ allowed _; do
        [[ $names == *'`-'* ]] || continue
        allowed=${allowed# }
        allowed=${allowed%%, in *}
        words=''
        case $allowed in
            *'one of '*) words=${allowed##*one of } ;;
            *'true or false'*) words='true false' ;;
        esac
        [[ ! $allowed =~ ^(auto|none|validation)\ or\  ]] || words+=" ${BASH_REMATCH[1]}"
        names=${names//\`/}
        for name in ${names//,/}; do
            _admmnet_words[$name]=${words//,/}
        done
    done < <("$1" -help-markdown 2>/dev/null </dev/null)
    _admmnet_asked=$1
}

_admmnet() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local words=''
    COMPREPLY=()
    _admmnet_learn "${1/#\~/$HOME}" || return 0
    if [ "$COMP_CWORD" -eq 1 ]; then
        words="$_admmnet_commands -help -version"
    elif [ "$previous" = -help ]; then
        words="${!_admmnet_words[*]}"
    elif [[ $current == -* ]]; then
        words="${!_admmnet_words[*]} -options_file"
    else
        words=${_admmnet_words[$previous]-}
    fi
    if [ -n "$words" ]; then
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
    else
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
    fi
}

complete -o filenames -F _admmnet admmnet
