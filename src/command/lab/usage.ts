export const labUsage = `rebuild lab up [HOST] [--firmware uefi|bios]   a new machine, its old system up
               [--secure-boot]                 it starts only what is signed
rebuild lab down [HOST]                        ends everything and removes it
rebuild lab status [HOST]                      power, medium, what was done
rebuild lab suspect [HOST]                     the old system then and now
rebuild lab console [HOST] [--follow]          what the serial console shows
rebuild lab screenshot [HOST] -o FILE.png      its screen
rebuild lab vendor-iso -o FILE.iso             an installer's ISO, to try one
rebuild lab fault NAME [AMOUNT] [OPTIONS]      something goes wrong
rebuild lab fault --script FILE [--host HOST]  all that FILE says, from its seed

When: now, or
      --at-time 30s        so long after the command, or after its other moment
      --at-bytes 12MB      so much of the medium was read
      --at-stage ready     the light system's console shows the stage
      --at-event EVENT     the journal has it: step.started:wipe,
                           step.saved:install#10 (the tenth from now)
      --every 30s..5min    again and again until mend; a range is drawn from
      --seed N             this seed, as is all that is left to chance
      --for 10s            mends itself; without it, mend does
      --host HOST          which lab, where there are several

Lines, --on medium (the virtual CD's, unless said) or --on host (its cable):
      eject                the BMC loses the medium and says so
      cut                  connections break, new ones too; host: no carrier
      stall                what is sent waits until the line is whole
      throttle RATE        bytes per second
      delay 200ms          one way, [--jitter 20ms]
      loss PERCENT         medium: each loss costs TCP's 200 ms, and twice that
                           for the next; host: frames
      reset                every open connection, new ones are taken
      drop [10s]           what is sent vanishes and nobody is told
BMC:  bmc-401 [COUNT]      forgets its sessions: 401 to whoever has one
      bmc-500, bmc-503 [COUNT] [--for 10s]
      bmc-no-mount [COUNT] inserts are answered 204 and not done
      bmc-stale-inserted   says inserted after the medium was lost
      bmc-stale-name       an empty slot still names its image
      bmc-ignore-reset [COUNT]   resets are answered 204 and not done
      bmc-forget-boot [COUNT]    starts go past the boot override
      bmc-eject-on-reset [COUNT] starts throw the medium out
      bmc-sessions-full    others hold every session
      bmc-reboot [20s]     down; sessions and medium lost [--clock back]
Host: power-loss [5s], machine-reset, machine-freeze [10s]
      disk-slow RATE --disk NAME, disk-errors --disk NAME [--at-byte 4GB]
      disk-swap SERIAL --disk NAME   another disk in its bay: for the BMC now, for
                           the machine from its next start on
      clock-jump -2h       the battery-backed clock, from the next start on
Controller (whoever holds the host's lease):
      controller-kill, controller-stop [60s], controller-address ADDRESS
      controller-clock -2h its time of day, while it runs [--for 10s]
      journal-full, journal-read-only [--for 10s]
mend: everything is whole again, and nothing waits to strike [--waiting kept]

A script is YAML, each fault with the options above by their names:
      seed: 7
      faults:
        - {fault: eject, every: 30s..5min}
        - {fault: power-loss, at-event: step.started:wipe, at-time: 2s}
`;
