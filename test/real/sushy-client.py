"""An independent Redfish client, OpenStack's, against the lab's BMC.

sushy-client.py ROOT CERTIFICATE ISO-URL: user and password are the first two lines of stdin. Prints one JSON object.
"""
import json
import sys
import time

import sushy

root, certificate, iso = sys.argv[1:]
user, password = (sys.stdin.readline().rstrip("\n") for _ in range(2))


def client(auth):
    return sushy.Sushy(root, verify=certificate, auth=auth(username=user, password=password))


service = client(sushy.auth.SessionAuth)
system = service.get_system(service.get_system_collection().members_identities[0])
manager = system.managers[0]
slot = next(s for s in manager.virtual_media.get_members() if sushy.VIRTUAL_MEDIA_CD in s.media_types)


def power(wanted):
    for _ in range(200):
        system.refresh(force=True)
        if system.power_state == wanted:
            return True
        time.sleep(0.1)
    return False


def inserted():
    slot.refresh(force=True)
    return slot.inserted, slot.image


seen = {
    "serial": system.json["SerialNumber"],
    "drives": sorted(d.serial_number for s in system.storage.get_members() for d in s.drives),
    "reset": sorted(r.value for r in system.get_allowed_reset_system_values()),
    "boot": sorted(b.value for b in system.get_allowed_system_boot_source_values()),
    "chassis": system.chassis[0].json["SerialNumber"],
    "before": inserted(),
}
slot.insert_media(iso, write_protected=True)
seen["inserted"] = inserted()
try:
    slot.insert_media(iso)
    seen["second"] = "accepted"
except sushy.exceptions.HTTPError as error:
    seen["second"] = error.status_code
system.set_system_boot_options(
    target=sushy.BOOT_SOURCE_TARGET_CD, enabled=sushy.BOOT_SOURCE_ENABLED_ONCE
)
system.refresh(force=True)
seen["once"] = [system.boot.enabled.value, system.boot.target.value]
system.reset_system(sushy.RESET_ON)
seen["on"] = power(sushy.SYSTEM_POWER_STATE_ON)
seen["used"] = system.boot.enabled.value
sys.stdin.readline()  # the test says when the machine has booted
slot.eject_media()
seen["ejected"] = inserted()
system.reset_system(sushy.RESET_FORCE_RESTART)
seen["restarted"] = power(sushy.SYSTEM_POWER_STATE_ON)
system.reset_system(sushy.RESET_FORCE_OFF)
seen["off"] = power(sushy.SYSTEM_POWER_STATE_OFF)
try:
    password = "wrong"
    client(sushy.auth.BasicAuth).get_system_collection()
    seen["wrong"] = "accepted"
except sushy.exceptions.AccessError as error:
    seen["wrong"] = error.status_code
print(json.dumps(seen))
