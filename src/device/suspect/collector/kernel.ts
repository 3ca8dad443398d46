/** What the kernel tells of time, network, itself, disks and RAM. */
export const kernelPart = String.raw`
clock() {
  field now "$b" date -u +%s
  content uptime /proc/uptime
  content hardware-clock /sys/class/rtc/rtc0/since_epoch
  field system "$b" uname -a
  content tainted /proc/sys/kernel/tainted
  content command-line /proc/cmdline
  content boot /proc/sys/kernel/random/boot_id
  content release /etc/os-release
}

network() {
  for file in tcp tcp6 udp udp6 udplite udplite6 raw raw6 packet unix netlink icmp icmp6 igmp igmp6 arp route ipv6_route \
    if_inet6 dev ptype ip_tables_names ip6_tables_names arp_tables_names nf_conntrack netfilter/nf_log \
    netfilter/nfnetlink_queue; do
    content "\${file#*/}" "/proc/net/$file"
  done
  field addresses "$b" ip addr
  field rules "$b" ip rule
  field neighbours "$b" ip neigh
  field routes "$b" ip route show table all
  content resolvers /etc/resolv.conf
}

kernel() {
  content modules /proc/modules
  field modules-in-sysfs "$b" ls /sys/module
  set -- /sys/module/*/taint
  [ ! -e "$1" ] || field module-taints "$b" awk '{ print FILENAME ": " $0 }' "$@"
  # Every BPF program that was translated has a symbol, whoever holds it; of each module, one symbol is enough.
  field symbols "$b" awk '$4 == "[bpf]" || ($4 != "" && !seen[$4]++)' /proc/kallsyms
  content mounts /proc/1/mountinfo
  field messages "$b" dmesg
  [ ! -d /sys/fs/bpf ] || field bpf "$b" ls -lR /sys/fs/bpf
  for file in /proc/sys/fs/binfmt_misc/*; do
    # To register is all that one can do there.
    [ "\${file##*/}" = register ] || content binary-format "$file"
  done
  for file in tracing/kprobe_events tracing/uprobe_events tracing/enabled_functions debug/kprobes/list; do
    content "\${file##*/}" "/sys/kernel/$file"
  done
  content core-pattern /proc/sys/kernel/core_pattern
  content modprobe /proc/sys/kernel/modprobe
  content lockdown /sys/kernel/security/lockdown
}

storage() {
  content partitions /proc/partitions
  content arrays /proc/mdstat
  content swaps /proc/swaps
  for block in /sys/block/*; do
    for attribute in serial device/serial device/wwid device/model size removable ro; do
      [ -r "$block/$attribute" ] || continue
      {
        printf '%s/%s: ' "\${block#/sys/block/}" "$attribute"
        # A device that has none of it answers with an error.
        "$b" head -c 4096 "$block/$attribute" 2>/dev/null || :
      } | field block "$b" cat
    done
  done
}

memory_map() {
  content boot /proc/sys/kernel/random/boot_id
  content lockdown /sys/kernel/security/lockdown
  content ram /proc/iomem
  # Its own size, which is that of all addresses, says nothing: the header is at its beginning.
  "$b" dd if=/proc/kcore bs=65536 count=1 status=none >"$scratch/head" || exit
  content kcore "$scratch/head"
}
`;
