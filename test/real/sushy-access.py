"""An independent Redfish client, OpenStack's, against the lab BMC's accounts and services. No machine is started.

sushy-access.py ROOT CERTIFICATE: user and password are the first two lines of stdin. Prints one JSON object.
"""
import json
import sys

import sushy

root, certificate = sys.argv[1:]
user, password = (sys.stdin.readline().rstrip("\n") for _ in range(2))


def client(password):
    return sushy.Sushy(root, verify=certificate, auth=sushy.auth.SessionAuth(username=user, password=password))


service = client(password)
raw = service._conn


def get(path):
    return raw.get(path).json()


def members(path):
    return [get(each["@odata.id"]) for each in get(path)["Members"]]


def status(call, *args, **more):
    try:
        return call(*args, **more).status_code
    except sushy.exceptions.HTTPError as error:
        return error.status_code


top = get("/redfish/v1/")
accounts = get(top["AccountService"]["@odata.id"])["Accounts"]["@odata.id"]
events = get(top["EventService"]["@odata.id"])["Subscriptions"]["@odata.id"]
manager = service.get_manager_collection().get_members()[0]
host = get(manager.json["HostInterfaces"]["@odata.id"])["Members"][0]["@odata.id"]
by_name = {each["UserName"]: each["@odata.id"] for each in members(accounts)}
foreign = next(path for name, path in by_name.items() if name != user)
seen = {
    "accounts": sorted(by_name),
    "sessions": sorted(each["UserName"] for each in members("/redfish/v1/SessionService/Sessions")),
    "events": [each["Destination"] for each in members(events)],
    "firmware": {f.identity: f.version for f in service.get_update_service().firmware_inventory.get_members()},
    "disabled": status(raw.patch, foreign, data={"Enabled": False}),
    "deleted": status(raw.delete, foreign),
    "gone": status(raw.get, foreign),
    "unsubscribed": status(raw.delete, members(events)[0]["@odata.id"]),
    "shut": status(raw.patch, host, data={"InterfaceEnabled": False}),
    "open": get(host)["InterfaceEnabled"],
    "changed": status(raw.patch, by_name[user], data={"Password": "staple battery"}),
    "left": sorted(each["UserName"] for each in members(accounts)),
}
seen["renewed"] = client("staple battery").get_system_collection().members_identities[0]
try:
    client(password).get_system_collection()
    seen["old"] = "accepted"
except sushy.exceptions.AccessError as error:
    seen["old"] = error.status_code
print(json.dumps(seen))
