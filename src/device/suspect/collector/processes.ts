const hundred = Array.from({length: 100}, (_, index) => `"$1"${String(index).padStart(2, '0')}`).join(' ');

/** What runs, by `/proc` and past it. */
export const processesPart = String.raw`
process() { # NUMBER: its record
  printf '%s\t' "$1"
  { "$b" head -v -c 65536 "/proc/$1/status" "/proc/$1/cmdline" "/proc/$1/environ" "/proc/$1/cgroup" "/proc/$1/wchan" \
    "/proc/$1/maps" 2>/dev/null || :; } | encoded
  printf '\t'
  { "$b" ls -l "/proc/$1/exe" "/proc/$1/cwd" "/proc/$1/root" "/proc/$1/fd" 2>/dev/null || :; } | first | encoded ||
    lack "descriptors of $1"
  printf '\n'
}

processes() {
  unread=0
  for process in /proc/[0-9]*; do
    { read -r _ <"$process/status"; } 2>/dev/null || [ ! -d "$process" ] || unread=$((unread + 1))
    process "\${process#/proc/}"
  done
  [ "$unread" -eq 0 ] || lack "$unread processes"
}

# Threads answer as processes do.
listed() { for task in /proc/[0-9]*/task/[0-9]*; do printf '%s ' "\${task##*/}"; done; }

nobody() { # HUNDREDS: none of these hundred numbers answers
  kill -0 ${hundred}
  [ $? -eq 100 ]
}

hidden() {
  # Not by read, which asks byte by byte: such a file answers the first alone.
  last=$("$b" cat /proc/sys/kernel/pid_max)
  # No kernel has more (PID_MAX_LIMIT).
  case $last in
    '' | *[!0-9]*) last=4194304 ;;
  esac
  [ "$last" -le 4194304 ] || last=4194304
  before=$(listed)
  found=
  hundreds=0
  while [ "$hundreds" -le "$((last / 100))" ]; do
    if [ "$hundreds" -eq 0 ] || ! nobody "$hundreds"; then
      number=$((hundreds * 100))
      while [ "$number" -lt "$((hundreds * 100 + 100))" ]; do
        if [ "$number" -gt 0 ] && kill -0 "$number"; then
          case " $before" in
            *" $number "*) ;;
            *) found="$found $number" ;;
          esac
        fi
        number=$((number + 1))
      done
    fi
    hundreds=$((hundreds + 1))
  done 2>/dev/null
  # What began meanwhile and still runs is listed by now.
  after=$(listed)
  for number in $found; do
    kill -0 "$number" 2>/dev/null || continue
    case " $after" in
      *" $number "*) ;;
      *) process "$number" ;;
    esac
  done
  field tried echo "1 to $last"
}

kept() { # KEY LINK FILE: its beginning and its size
  printf '%s\t' "$1"
  printf '%s' "$2" | encoded
  printf '\t'
  "$b" head -c 67108864 "$3" 2>/dev/null | encoded || [ ! -e "$3" ] || lack "$1"
  printf '\t'
  "$b" stat -L -c %s "$3" 2>/dev/null || printf '\n'
}

deleted() {
  for process in /proc/[0-9]*; do
    program=$("$b" readlink "$process/exe" 2>/dev/null) || continue
    case $program in
      *' (deleted)' | /memfd:*) kept "\${process#/proc/}" "$program" "$process/exe" ;;
    esac
  done
}

memfds() {
  for process in /proc/[0-9]*; do
    # What follows a line feed in a name is a name, too: each is asked again.
    for number in $("$b" ls -l "$process/fd" 2>/dev/null |
      "$b" awk '{ for (i = 1; i < NF; i++) if ($(i + 1) == "->") { if ($i ~ /^[0-9]+$/ && $(i + 2) ~ /^\/memfd:/) print $i; next } }'); do
      target=$("$b" readlink "$process/fd/$number" 2>/dev/null) || continue
      case $target in
        /memfd:*) [ ! -f "$process/fd/$number" ] || kept "\${process#/proc/}/fd/$number" "$target" "$process/fd/$number" ;;
      esac
    done
  done
}

bpf() {
  for process in /proc/[0-9]*; do
    for info in $("$b" find "$process/fdinfo" -type f -print0 2>/dev/null |
      "$b" xargs -0 -r "$b" grep -l -E '^(prog_id|prog_tag|map_id|link_id|btf_id):' 2>/dev/null); do
      printf '%s\t' "\${info#/proc/}"
      { "$b" cat "$info" 2>/dev/null || :; } | encoded
      printf '\n'
    done
  done
}

programs() {
  unread=0
  for process in /proc/[0-9]*; do
    # The kernel's own threads run no program.
    [ -e "$process/exe" ] || continue
    "$b" sha256sum "$process/exe" 2>/dev/null || [ ! -e "$process/exe" ] || unread=$((unread + 1))
  done
  [ "$unread" -eq 0 ] || lack "$unread programs"
}
`;
