/**
 * A change at a gateway that takes itself back. Before the rules are loaded, what is there is written down as a script
 * beside a mark, and a process of its own session goes to sleep. Unless the mark has been taken away by then, over a
 * connection that was made after the change, it loads the script and says whether the rules are again what they were.
 * The mark moves by rename(2), so that exactly one side has it.
 *
 * Everything is below a folder of the gateway's RAM, named after its network namespace: a reboot takes mark and rules.
 */

/** `$1` is the table's name; both are words of our own. */
const prelude = String.raw`set -u
umask 077
d=/run/rebuild/$1.$(readlink /proc/self/ns/net | tr -dc 0-9)
policy() { for f in inet bridge; do nft -s list table $f "$1" 2>/dev/null || :; done; }
`;

/** Loads the script on stdin, armed. `$2` is the change's token, `$3` the seconds until it is taken back, `$4` `timer`. */
export const arm = `${prelude}
mkdir -p "$d" && cat >"$d/next" || exit 1
if ! [ -e "$d/armed" ]; then
  for t in "$1" "$1-seen"; do for f in inet bridge; do
    echo "add table $f $t"; echo "delete table $f $t"; nft -s list table $f "$t" 2>/dev/null || :
  done; done >"$d/back"
  policy "$1" >"$d/before"
fi
echo "$2" >"$d/armed.new" && mv "$d/armed.new" "$d/armed" || exit 1
rm -f "$d/outcome"
setsid sh -c "$4" sh "$1" "$2" "$3" </dev/null >/dev/null 2>&1 &
nft -f "$d/next" || { rm -f "$d/armed"; exit 1; }
`;

export const timer = `${prelude}
sleep "$3"
[ "$(cat "$d/armed" 2>/dev/null)" = "$2" ] && mv "$d/armed" "$d/reverting" || exit 0
says=failed
if nft -f "$d/back"; then
  says=differs
  [ "$(policy "$1")" != "$(cat "$d/before")" ] || says=reverted
fi
echo "$2 $says" >"$d/outcome"
`;

/**
 * Takes the mark away, or says what became of the change without it. `$2` is the change's token. Its old rules are in
 * force, and the way is open, before the timer has compared them: until then it is `reverting`.
 */
export const confirm = `${prelude}
if [ "$(cat "$d/armed" 2>/dev/null)" = "$2" ] && mv "$d/armed" "$d/confirmed"; then
  echo confirmed
else
  read -r token says 2>/dev/null <"$d/outcome" || token=
  if [ "$token" = "$2" ]; then echo "$says"
  elif [ "$(cat "$d/reverting" 2>/dev/null)" = "$2" ]; then echo reverting
  else echo lost; fi
fi
`;

/** Lets what is in force stay as it is. */
export const forget = `rm -f "/run/rebuild/$1.$(readlink /proc/self/ns/net | tr -dc 0-9)/armed"`;

/** Prints a line that is empty unless a change waits for its confirmation. */
export const pending = `d=/run/rebuild/$1.$(readlink /proc/self/ns/net | tr -dc 0-9); [ -e "$d/armed" ] && echo armed || echo`;

/** What has become of a change, as `confirm` prints it. */
export const outcomes = ['confirmed', 'reverting', 'reverted', 'differs', 'failed', 'lost'] as const;
export type Outcome = (typeof outcomes)[number];
