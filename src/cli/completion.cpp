// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.hpp"

#include <fmt/format.h>

#include <iterator>

#include "cli/streams.hpp"

namespace itinera::cli {
namespace {

// In single quotes for a shell.
std::string shell_quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') {
      result += "'\\''";
    } else {
      result += c;
    }
  }
  return result + '\'';
}

// In fish a backslash stands before what ends the quotes.
std::string fish_quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') result += '\\';
    result += c;
  }
  return result + '\'';
}

// A description of zsh: brackets and colons would end it.
std::string zsh_text(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

std::string bash_script(const std::vector<CompletedCommand>& commands) {
  std::string names;
  std::string cases;
  for (const CompletedCommand& command : commands) {
    names += (names.empty() ? "" : " ") + command.name;
    std::string words;
    for (const CompletedOption& option : command.options) {
      for (const std::string& name : option.names) words += (words.empty() ? "" : " ") + name;
      if (option.values.empty()) continue;
      for (const std::string& name : option.names) {
        fmt::format_to(std::back_inserter(cases), "    {}:{}) words={} ;;\n", command.name, name,
                       shell_quoted(fmt::format("{}", fmt::join(option.values, " "))));
      }
    }
    fmt::format_to(std::back_inserter(cases), "    {}:*) options={} ;;\n", command.name,
                   shell_quoted(words));
  }
  return fmt::format(
      R"(# bash completion for itinera: put `source <(itinera completion bash)` into ~/.bashrc
_itinera() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}} words= options=
  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W {} -- "$word")
    return
  fi
  case "${{COMP_WORDS[1]}}:$before" in
{}  esac
  if [[ -n $words ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
  elif [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  fi
}}
complete -o filenames -F _itinera itinera
)",
      shell_quoted(names), cases);
}

std::string zsh_script(const std::vector<CompletedCommand>& commands) {
  std::string names;
  std::string cases;
  for (const CompletedCommand& command : commands) {
    fmt::format_to(std::back_inserter(names), "    {}\n",
                   shell_quoted(command.name + ":" + zsh_text(command.description)));
    fmt::format_to(std::back_inserter(cases), "    {})\n      _arguments \\\n", command.name);
    for (const CompletedOption& option : command.options) {
      for (const std::string& name : option.names) {
        std::string spec = name + "[" + zsh_text(option.description) + "]";
        if (option.takes_value && option.values.empty()) spec += ":file:_files";
        if (!option.values.empty()) {
          spec += fmt::format(":value:({})", fmt::join(option.values, " "));
        }
        fmt::format_to(std::back_inserter(cases), "        {} \\\n", shell_quoted(spec));
      }
    }
    cases += "        '*:file:_files'\n      ;;\n";
  }
  return fmt::format(R"(#compdef itinera
# zsh completion for itinera: put `source <(itinera completion zsh)` into ~/.zshrc
_itinera() {{
  local -a commands
  commands=(
{}  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
{}  esac
}}
compdef _itinera itinera
)",
                     names, cases);
}

std::string fish_script(const std::vector<CompletedCommand>& commands) {
  std::string out =
      "# fish completion for itinera: itinera completion fish > "
      "~/.config/fish/completions/itinera.fish\n";
  for (const CompletedCommand& command : commands) {
    fmt::format_to(std::back_inserter(out),
                   "complete -c itinera -n __fish_use_subcommand -f -a {} -d {}\n", command.name,
                   fish_quoted(command.description));
    for (const CompletedOption& option : command.options) {
      fmt::format_to(std::back_inserter(out),
                     "complete -c itinera -n '__fish_seen_subcommand_from {}'", command.name);
      for (const std::string& name : option.names) {
        const bool is_long = name.starts_with("--");
        fmt::format_to(std::back_inserter(out), " -{} {}", is_long ? 'l' : 's',
                       name.substr(is_long ? 2 : 1));
      }
      if (option.takes_value) out += option.values.empty() ? " -r" : " -x";
      if (!option.values.empty()) {
        fmt::format_to(std::back_inserter(out), " -a {}",
                       fish_quoted(fmt::format("{}", fmt::join(option.values, " "))));
      }
      fmt::format_to(std::back_inserter(out), " -d {}\n", fish_quoted(option.description));
    }
  }
  return out;
}

}  // namespace

std::string completion_script(std::string_view shell,
                              const std::vector<CompletedCommand>& commands) {
  if (shell == "bash") return bash_script(commands);
  if (shell == "zsh") return zsh_script(commands);
  if (shell == "fish") return fish_script(commands);
  return {};
}

int completion_command(std::string_view shell, const std::vector<CompletedCommand>& commands) {
  const std::string script = completion_script(shell, commands);
  if (script.empty()) {
    print_error(
        fmt::format("itinera: there is no completion for `{}`\n  hint: there are bash, zsh "
                    "and fish\n",
                    shell));
    return 1;
  }
  Result<Output> out = Output::open("-", Output::Mode::append);
  out->buffer() += script;
  const Result<void> flushed = out->flush();
  if (flushed || out->reader_is_gone()) return 0;
  print_error(flushed.error());
  return 1;
}

}  // namespace itinera::cli
