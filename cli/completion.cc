// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace penstock::cli {
namespace {

// Bash and zsh read the same two functions. `command` is the path of the command so far, "jobs watch".
constexpr char kWalk[] = R"(
# Reads the words before the one at $1. Sets `command` to the command that they name and `takes` to what the word at $1
# is to be, when it is the value of an option.
_penstock_walk() {
  local at=$1 word i
  shift
  command='' takes=''
  for ((i = 1; i < at; i++)); do
    word=${@:$i:1}
    takes=''
    case $word in
      --*=*) ;;
      -*)
        _penstock_takes "$command" "$word"
        [[ -z $takes ]] || ((i += 1))
        ;;
      *)
        if _penstock_is_command "${command:+$command }$word"; then command="${command:+$command }$word"; fi
        ;;
    esac
  done
  ((i > at)) || takes=''
}
)";

constexpr char kBash[] = R"(
_penstock() {
  local cur=${COMP_WORDS[COMP_CWORD]} command takes commands options argument
  # Bash parts words at '=' and ':'; here they are one again, but '=' after an option, which is a space.
  local words=() i glue=''
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      =) [[ ${words[-1]-} == --* ]] || glue=1 ;;
      :*) glue=1 ;;
      *) if [[ -n $glue ]]; then glue=''; else words+=("${COMP_WORDS[i]}"); fi ;;
    esac
  done
  [[ $cur != '=' ]] || cur=''
  _penstock_walk $((${#words[@]} + 1)) "${words[@]}"
  COMPREPLY=()
  if [[ -z $takes ]]; then
    _penstock_follows "$command"
    if [[ $cur == -* ]]; then
      COMPREPLY=($(compgen -W "$options" -- "$cur"))
      return
    fi
    if [[ -n $commands ]]; then
      COMPREPLY=($(compgen -W "$commands" -- "$cur"))
      return
    fi
    takes=$argument
  fi
  case $takes in
    file) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    directory) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
    words\ *) COMPREPLY=($(compgen -P "${cur%"${cur##*,}"}" -W "${takes#words }" -- "${cur##*,}")) ;;
  esac
}
complete -F _penstock penstock
)";

constexpr char kZsh[] = R"(
_penstock() {
  local command takes argument
  local -a commands options
  _penstock_walk $((CURRENT - 1)) "${(@)words[2,CURRENT-1]}"
  if [[ -z $takes && $words[CURRENT] == --*=* ]]; then
    _penstock_takes "$command" "${words[CURRENT]%%=*}"
    compset -P '*='
  fi
  if [[ -z $takes ]]; then
    _penstock_follows "$command"
    if [[ $words[CURRENT] == -* ]]; then
      _describe -o option options
      return
    fi
    if ((${#commands})); then
      _describe command commands
      return
    fi
    takes=$argument
  fi
  case $takes in
    file) _files ;;
    directory) _files -/ ;;
    words\ *) compset -P '*,'; compadd -- ${=takes#words } ;;
  esac
}
# As a file in $fpath this is the function's body; sourced, it only defines it.
if [[ $funcstack[1] == _penstock ]]; then _penstock "$@"; else compdef _penstock penstock; fi
)";

constexpr char kFish[] = R"(
# Whether the words before the cursor name the command $argv[1].
function __penstock_at
    set -l command
    set -l skip
    for word in (commandline -opc)[2..-1]
        if test -n "$skip"
            set skip
            continue
        end
        switch $word
            case '--*=*'
            case '-*'
                contains -- $word $__penstock_values; and set skip yes
            case '*'
                set -l deeper (string trim -- "$command $word")
                contains -- $deeper $__penstock_commands; and set command $deeper
        end
    end
    test "$command" = "$argv[1]"
end

complete -c penstock -f
)";

// In single quotes, for bash and zsh; for fish.
std::string Quoted(const std::string& text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "'\\''"}}), "'");
}

// What stands where the value of `option` is typed; empty: it takes none.
std::string Takes(const OptionNode& option) {
  if (option.value.empty()) return "";
  if (!option.choices.empty()) return absl::StrCat("words ", absl::StrJoin(option.choices, " "));
  if (option.value == "FILE") return "file";
  if (option.value == "DIR") return "directory";
  return "text";
}

std::string FishQuoted(const std::string& text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"'", "\\'"}}), "'");
}

// " -x -a 'table json'".
std::string FishTakes(const OptionNode& option) {
  const std::string takes = Takes(option);
  if (takes.empty()) return "";
  if (takes == "file") return " -r -F";
  if (takes == "directory") return " -x -a '(__fish_complete_directories)'";
  if (takes == "text") return " -x";
  const std::string words = absl::StrJoin(option.choices, " ");
  // Several of them, with commas between.
  if (absl::StrContains(option.value, ',')) {
    return absl::StrCat(" -x -a ", FishQuoted(absl::StrCat("(__fish_append , ", words, ")")));
  }
  return absl::StrCat(" -x -a ", FishQuoted(words));
}

std::string Under(const std::string& path, const std::string& word) {
  return path.empty() ? word : absl::StrCat(path, " ", word);
}

const CommandNode& At(const std::vector<CommandNode>& commands, const std::string& path) {
  for (const CommandNode& node : commands) {
    if (node.path == path) return node;
  }
  return commands.front();
}

// What may follow every command stands once, in the root; a command's own option comes before it.
std::string TakesFunction(const std::vector<CommandNode>& commands) {
  std::string own, everywhere;
  for (const CommandNode& node : commands) {
    for (const OptionNode& option : node.options) {
      if (option.value.empty()) continue;
      for (const std::string& name : option.names) {
        absl::StrAppend(node.path.empty() ? &everywhere : &own, "    ",
                        node.path.empty() ? absl::StrCat("*' ", name, "'") : Quoted(Under(node.path, name)),
                        ") takes=", Quoted(Takes(option)), " ;;\n");
      }
    }
  }
  return absl::StrCat(
      "# What the option $2 of the command $1 takes; nothing when it takes no value.\n"
      "_penstock_takes() {\n  case \"$1 $2\" in\n",
      own, everywhere, "    *) takes='' ;;\n  esac\n}\n");
}

std::string IsCommandFunction(const std::vector<CommandNode>& commands) {
  std::vector<std::string> paths;
  for (const CommandNode& node : commands) {
    if (!node.path.empty()) paths.push_back(Quoted(node.path));
  }
  return absl::StrCat("_penstock_is_command() {\n  case $1 in\n    ", absl::StrJoin(paths, "|"),
                      ") return 0 ;;\n  esac\n  return 1\n}\n");
}

// `word` writes one entry of the shell's own list.
template <typename Word>
std::string FollowsFunction(const std::vector<CommandNode>& commands, char open, char close,
                            const Word& word) {
  std::string text =
      "# Sets `commands`, `options` and `argument`: what may follow the command $1.\n"
      "_penstock_follows() {\n  commands=() options=() argument=''\n  case $1 in\n";
  if (open == '\'') text = absl::StrReplaceAll(text, {{"commands=() options=()", "commands='' options=''"}});
  for (const CommandNode& node : commands) {
    std::vector<std::string> words, options;
    for (const std::string& name : node.commands) {
      words.push_back(word(name, At(commands, Under(node.path, name)).description));
    }
    const auto add = [&](const CommandNode& from) {
      for (const OptionNode& option : from.options) {
        for (const std::string& name : option.names) {
          const std::string entry = word(name, option.description);
          // `--help` is every command's own, and penstock's.
          if (std::find(options.begin(), options.end(), entry) == options.end()) options.push_back(entry);
        }
      }
    };
    add(node);
    if (!node.path.empty()) add(commands.front());
    absl::StrAppend(&text, "    ", Quoted(node.path), ")\n      commands=", std::string(1, open),
                    absl::StrJoin(words, " "), std::string(1, close),
                    "\n      options=", std::string(1, open), absl::StrJoin(options, " "),
                    std::string(1, close), "\n");
    if (!node.arguments.empty()) {
      absl::StrAppend(&text, "      argument=", Quoted(Takes(node.arguments.front())), "\n");
    }
    absl::StrAppend(&text, "      ;;\n");
  }
  return absl::StrCat(text, "  esac\n}\n");
}

}  // namespace

std::string BashCompletion(const std::vector<CommandNode>& commands) {
  return absl::StrCat(
      "# Completion of penstock for bash, made by `penstock completion bash`.\n\n", TakesFunction(commands),
      "\n", IsCommandFunction(commands), "\n",
      FollowsFunction(commands, '\'', '\'', [](const std::string& name, const std::string&) { return name; }),
      kWalk, kBash);
}

std::string ZshCompletion(const std::vector<CommandNode>& commands) {
  const auto described = [](const std::string& name, const std::string& description) {
    return Quoted(absl::StrCat(name, ":", description));
  };
  return absl::StrCat(
      "#compdef penstock\n# Completion of penstock for zsh, made by `penstock completion zsh`.\n\n",
      TakesFunction(commands), "\n", IsCommandFunction(commands), "\n",
      FollowsFunction(commands, '(', ')', described), kWalk, kZsh);
}

std::string FishCompletion(const std::vector<CommandNode>& commands) {
  const auto condition = [](const std::string& path) {
    return absl::StrCat(" -n ", FishQuoted(absl::StrCat("__penstock_at ", FishQuoted(path))));
  };
  std::string paths, values, lines;
  for (const CommandNode& node : commands) {
    if (!node.path.empty()) absl::StrAppend(&paths, " ", FishQuoted(node.path));
    for (const std::string& name : node.commands) {
      absl::StrAppend(&lines, "complete -c penstock", condition(node.path), " -a ", name, " -d ",
                      FishQuoted(At(commands, Under(node.path, name)).description), "\n");
    }
    for (const OptionNode& option : node.options) {
      if (!option.value.empty()) absl::StrAppend(&values, " ", absl::StrJoin(option.names, " "));
      absl::StrAppend(&lines, "complete -c penstock", node.path.empty() ? "" : condition(node.path));
      for (const std::string& name : option.names) {
        const bool is_long = name.rfind("--", 0) == 0;
        absl::StrAppend(&lines, is_long ? " -l " : " -s ", name.substr(is_long ? 2 : 1));
      }
      absl::StrAppend(&lines, FishTakes(option), " -d ", FishQuoted(option.description), "\n");
    }
    if (!node.arguments.empty()) {
      const std::string takes = FishTakes(node.arguments.front());
      if (takes != " -x")
        absl::StrAppend(&lines, "complete -c penstock", condition(node.path), takes.substr(3), "\n");
    }
  }
  return absl::StrCat(
      "# Completion of penstock for fish, made by `penstock completion fish`.\n\nset -g __penstock_commands",
      paths, "\nset -g __penstock_values", values, "\n", kFish, lines);
}

}  // namespace penstock::cli
