/** What no file may be called that is run, or made, by anything that reads the following: it must be nowhere. */
export const canary = 'canary-7f3a91';

/** Names of files: run by whoever hands them to a shell, and seen by whoever prints them. */
export const oddNames = [
  `$(touch ${canary})`,
  `\`touch ${canary}\``,
  `it's "quoted"; touch ${canary}`,
  `two\nlines; touch ${canary}\n`,
  '\u001b[2J\u001b]0;owned\u0007',
  '-rf',
] as const;

/** A directory with more names than its item has room for (1.5 KiB each in an archive), in memory: the disk has no inodes for it. */
export const endless = {
  folder: '/var/tmp/endless',
  files: 110_000,
  prefix: 'n'.repeat(150),
} as const;

export const line = {
  path: '/var/log/line.log',
  bytes: 10 * 2 ** 30,
  begins: 'BEGIN of one line',
  ends: 'its END',
} as const;
export const storm = {word: 'storm-7f3a91', most: 150} as const;
/** Verbs of the collector that the host stops as soon as it sees them at work. */
export const stopped = ['network', 'names'] as const;

const word = (text: string): string =>
  `$'${[...Buffer.from(text)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')}'`;

/**
 * A script for bash, as root on the lab's old system. It ends once everything stands; what it takes is some 150 MB of memory,
 * next to nothing of the disk, and of processes what its unit is allowed.
 */
export const hostilePlants = `set -eu
for name in ${oddNames.map((name) => word(name)).join(' ')}; do
  printf '%s' ${word(`$(touch ${canary})\u001b[2J`)} >"/root/$name"
done

# One line of ten gigabytes, most of it a hole, among logs.
printf %s ${word(line.begins)} >${line.path}
truncate -s ${line.bytes - line.ends.length} ${line.path}
printf %s ${word(line.ends)} >>${line.path}

# A program that stops ours, whichever comes to the verbs named.
cat >/usr/local/sbin/stops <<'EOF'
while :; do
  for file in /proc/[0-9]*/cmdline; do
    mapfile -d '' -t words <"$file" || continue
    [[ \${words[1]-} == sh && \${words[2]-} == */b ]] || continue
    case \${words[3]-} in
      ${stopped.join(' | ')})
        number=\${file#/proc/}
        kill -STOP "\${number%/cmdline}"
        ;;
    esac
  done
  sleep 0.1
done
EOF
systemd-run --quiet --unit=stops -p StandardError=null bash /usr/local/sbin/stops

# Names without end.
mkdir ${endless.folder}
mount -t tmpfs -o size=64m,nr_inodes=${endless.files + 100} none ${endless.folder}
cd ${endless.folder}
number=0
while [ "$number" -lt ${endless.files} ]; do
  : >"${endless.prefix}$number"
  number=$((number + 1))
done
cd /

# A process table that fills while we look, as far as its unit lets it; its words are hostile too.
cat >/usr/local/sbin/storms <<'EOF'
while :; do
  (exec -a ${word(`${storm.word} $(touch ${canary}) \u001b[2J`)} sleep 20) &
done
EOF
systemd-run --quiet --unit=storms -p TasksMax=${storm.most} -p Nice=19 -p Restart=always -p RestartSec=1 \\
  -p StartLimitIntervalSec=0 -p StandardError=null bash /usr/local/sbin/storms
for _ in $(seq 600); do
  count=$(cat /sys/fs/cgroup/system.slice/storms.service/pids.current 2>/dev/null || echo 0)
  [ "$count" -lt ${storm.most - 50} ] || break
  sleep 0.2
done
[ "$count" -ge ${storm.most - 50} ]

# A file system of a program that never answers, in a home.
mkdir /root/silent
cat >/usr/local/sbin/silent <<'EOF'
exec 5<>/dev/fuse
mount -i -t fuse -o fd=5,rootmode=40000,user_id=0,group_id=0 silent /root/silent
exec sleep infinity
EOF
systemd-run --quiet --unit=silent bash /usr/local/sbin/silent
for _ in $(seq 100); do
  ! grep -q ' /root/silent fuse ' /proc/self/mounts || break
  sleep 0.2
done
grep -q ' /root/silent fuse ' /proc/self/mounts

# Pipes that nobody writes to: one where we read a file, one where cron keeps its tables.
mkfifo /etc/cron.d/pipe
rm /etc/os-release
mkfifo /etc/os-release
echo planted
`;

/** Ends what the script above has started, and prints where a canary lies. */
export const hostileEnd = `systemctl stop stops storms silent
find / -xdev -name ${canary} -print
echo searched
`;
