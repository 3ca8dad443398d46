export type Shell = 'bash' | 'zsh' | 'fish';

/**
 * What a shell sources. It knows nothing of our commands: it asks the program that stands on the line, which must be
 * one that the shell finds, with the words before the cursor. The last line of the answer, `:none`, `:files` or
 * `:folders`, says what the shell adds of its own.
 */
export const completionScript = (shell: Shell): string => scripts[shell];

const bash = `# bash completion for rebuild. For this shell:  source <(rebuild completion bash)
# For every one:  rebuild completion bash > ~/.local/share/bash-completion/completions/rebuild
_rebuild() {
  local program word line last kept index joined=no files=none
  local -a words=()
  program=$(type -P -- "\${COMP_WORDS[0]/#\\~/$HOME}") || return
  # Bash makes words of their own of = and : and of what is behind them; a command gets them as one.
  for ((index = 1; index <= COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    if [[ $joined == yes || ($word == [=:] && \${#words[@]} -gt 0) ]]; then
      words[-1]+=$word
    else
      words+=("$word")
    fi
    [[ $word == [=:] ]] && joined=yes || joined=no
  done
  last=\${words[-1]}
  word=\${COMP_WORDS[COMP_CWORD]}
  # A reply replaces no more than what bash takes for the word.
  if [[ $word == [=:] ]]; then kept=$last; else kept=\${last%"$word"}; fi
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :*) files=\${line#:} ;;
      *)
        line=\${line%%$'\\t'*}
        COMPREPLY+=("\${line#"$kept"}")
        ;;
    esac
  done < <("$program" __complete "\${words[@]}" 2>/dev/null)
  case $files in
    files) compopt -o filenames -o default ;;
    folders) compopt -o filenames -o dirnames ;;
  esac
  # A reference goes on behind its colon.
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *: ]] && compopt -o nospace
  return 0
}
complete -F _rebuild rebuild
`;

const zsh = `#compdef rebuild
# zsh completion for rebuild. For this shell:  source <(rebuild completion zsh)
# For every one:  rebuild completion zsh > _rebuild in a folder of $fpath, before compinit
_rebuild() {
  local program=\${(Q)words[1]} line files=none
  program=\${program/#\\~/$HOME}
  local -a texts shown
  while IFS= read -r line; do
    case $line in
      :*) files=\${line#:} ;;
      *)
        texts+=("\${line%%$'\\t'*}")
        shown+=("\${line/$'\\t'/  -- }")
        ;;
    esac
  done < <("$program" __complete "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  if [[ $texts[1] == *: ]]; then
    compadd -S '' -l -d shown -a texts
  else
    compadd -l -d shown -a texts
  fi
  case $files in
    files) _files ;;
    folders) _files -/ ;;
  esac
}
if [[ $funcstack[1] == _rebuild ]]; then
  _rebuild "$@"
elif (( $+functions[compdef] )); then
  compdef _rebuild rebuild
else
  print -u2 'rebuild: load completion first:  autoload -U compinit && compinit'
fi
`;

const fish = `# fish completion for rebuild. For this shell:  rebuild completion fish | source
# For every one:  rebuild completion fish > ~/.config/fish/completions/rebuild.fish
function __rebuild_complete
    set -l words (commandline -opc)
    set -l part (commandline -ct | string unescape)
    for line in ($words[1] __complete $words[2..-1] "$part" 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path "$part"
            case ':folders'
                __fish_complete_directories "$part" ''
            case ':*'
            case '*'
                printf '%s\\n' $line
        end
    end
end
complete -c rebuild -f -a '(__rebuild_complete)'
`;

const scripts: Readonly<Record<Shell, string>> = {bash, zsh, fish};
