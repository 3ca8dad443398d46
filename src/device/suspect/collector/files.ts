/** Above so many blocks of 512 bytes (128 MiB, as large as journald lets a file of its own become) only the ends of a file are taken. */
const largeBlocks = 262_144;

/** Bytes of each end. */
const endBytes = 4 * 2 ** 20;

/** What lies in file systems. */
export const filesPart = String.raw`
large='-type f -size +${largeBlocks}'

present() { # THEN PATH..., from /
  cd / || exit
  then=$1
  shift
  count=$#
  while [ "$count" -gt 0 ]; do
    path=$1
    shift
    if [ -e "$path" ] || [ -h "$path" ]; then set -- "$@" "$path"; fi
    count=$((count - 1))
  done
  if [ $# -eq 0 ]; then
    echo 'there is none' >&2
    return 0
  fi
  "$then" "$@"
}

archive() { # PATH..., all but what is ours
  # shellcheck disable=SC2086
  over "$b" find "$@" -path "\${scratch#/}" -prune -o ! \( $large \) -print0 |
    over "$b" xargs -0 -r -s 1000000 "$b" tar -c --no-recursion -f - || failed=yes
}

large() { # PATH...
  # shellcheck disable=SC2086
  over "$b" find "$@" $large -print0 | over "$b" xargs -0 -r -n 16 "$b" sh "$0" ends || failed=yes
}

ends() { # FILE...
  for file; do
    [ -f "$file" ] || continue
    printf '%s' "$file" | encoded
    printf '\t%s\t' "$("$b" stat -c %s "$file")"
    "$b" head -c ${endBytes} "$file" | encoded || failed=yes
    printf '\t'
    "$b" tail -c ${endBytes} "$file" | encoded || failed=yes
    printf '\n'
  done
}

digests() { # FILE...
  for file; do
    [ -f "$file" ] || continue
    printf '%s' "$file" | encoded
    printf '\t'
    "$b" sha256sum <"$file" | "$b" cut -c 1-64 || failed=yes
  done
}

preload() {
  [ -f /etc/ld.so.preload ] || return 0
  set -f
  set --
  # Names in it are divided by spaces or colons (ld.so(8)).
  for library in $("$b" head -c 65536 /etc/ld.so.preload | "$b" tr ':' ' '); do
    target=$("$b" readlink -f "$library")
    set -- "$@" "\${library#/}" "\${target#/}"
  done
  [ $# -eq 0 ] || present archive "$@"
}

boot() {
  set --
  for place in /boot /efi; do [ ! -d "$place" ] || set -- "$@" "$place"; done
  if [ $# -eq 0 ]; then
    echo 'there is none' >&2
    return 0
  fi
  over "$b" find "$@" -type f -print0 | over "$b" xargs -0 -r -n 32 "$b" sh "$0" digests || failed=yes
}

# Where each local file system begins: the whole of it, where the whole is mounted anywhere. What an overlay shows lies in
# others.
roots() {
  mounts | while read -r type rest; do
    if ! pseudo "$type" && ! elsewhere "$type"; then printf '%s %s\n' "$type" "$rest"; fi
  done | "$b" awk '
    $1 == "overlay" && $4 != "/" { next }
    { n++; type[n] = $1; device[n] = $2; root[n] = $3; place[n] = $4; if ($3 == "/") whole[$2] = 1 }
    END {
      for (i = 1; i <= n; i++) {
        if (root[i] != "/" && whole[device[i]] && type[i] != "btrfs") continue
        if (!seen[device[i] " " root[i]]++) print place[i]
      }
    }'
}

everywhere() { # PROGRAM...: names on its stdin, each ended by NUL
  roots >"$scratch/roots.$$" || failed=yes
  while read -r place; do
    over "$b" find "$(unescaped "$place")" -xdev -path "$scratch" -prune -o -print0 | over "$@" || failed=yes
  done <"$scratch/roots.$$"
  "$b" rm -f "$scratch/roots.$$"
}

names() { everywhere "$b" cat; }

bodyfile() { everywhere "$b" xargs -0 -r -n 256 "$b" stat -c '0|%n|%i|%A|%u|%g|%s|%X|%Y|%Z|0'; }
`;
