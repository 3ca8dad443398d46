import type {Item} from './item.ts';

/**
 * What is asked of a Windows host over OpenSSH, by its own PowerShell: unlike on Linux nothing of ours runs there, so what
 * answers may lie, and access times are as Windows keeps them. Each answer is JSON, one document. The commands are
 * written after Microsoft's documentation; they have not been run on a Windows machine here.
 */

const MiB = 2 ** 20;

// Namespaces are walked from the root: a subscription in one that nobody thinks of is a known hiding place.
const everyNamespace = `
function Spaces($at) {
  $at
  Get-CimInstance -Namespace $at -ClassName __NAMESPACE -ErrorAction SilentlyContinue |
    ForEach-Object { Spaces "$at/$($_.Name)" }
}
$found = foreach ($space in Spaces 'root') {
  foreach ($class in '__EventFilter', '__EventConsumer', '__FilterToConsumerBinding', '__TimerInstruction') {
    Get-CimInstance -Namespace $space -ClassName $class -ErrorAction SilentlyContinue |
      ForEach-Object { [pscustomobject]@{ Namespace = $space; Class = $_.CimClass.CimClassName; Instance = $_ } }
  }
}
ConvertTo-Json -Depth 6 -InputObject @($found)`;

const keys = [
  'HKLM:\\Software\\Microsoft\\Windows\\CurrentVersion\\Run',
  'HKLM:\\Software\\Microsoft\\Windows\\CurrentVersion\\RunOnce',
  'HKLM:\\Software\\Microsoft\\Windows\\CurrentVersion\\RunServices',
  'HKLM:\\Software\\Wow6432Node\\Microsoft\\Windows\\CurrentVersion\\Run',
  'HKLM:\\Software\\Wow6432Node\\Microsoft\\Windows\\CurrentVersion\\RunOnce',
  'HKLM:\\Software\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon',
  'HKLM:\\Software\\Microsoft\\Windows NT\\CurrentVersion\\Windows',
  'HKLM:\\System\\CurrentControlSet\\Control\\Session Manager',
  'HKLM:\\System\\CurrentControlSet\\Control\\Lsa',
  'Registry::HKEY_USERS\\*\\Software\\Microsoft\\Windows\\CurrentVersion\\Run',
  'Registry::HKEY_USERS\\*\\Software\\Microsoft\\Windows\\CurrentVersion\\RunOnce',
];

const runKeys = `
$found = foreach ($path in ${keys.map((key) => `'${key}'`).join(', ')}) {
  Get-Item -Path $path -ErrorAction SilentlyContinue | ForEach-Object {
    $key = $_
    [pscustomobject]@{
      Key = $key.Name
      Values = @($key.GetValueNames() | ForEach-Object { [pscustomobject]@{ Name = $_; Data = "$($key.GetValue($_))" } })
    }
  }
}
ConvertTo-Json -Depth 4 -InputObject @($found)`;

// Winmgmt holds the repository open; it shares it for reading. Each file as its name, its length and its base64.
const repository = `
Get-ChildItem -File -Recurse (Join-Path $env:SystemRoot 'System32\\wbem\\Repository*') | ForEach-Object {
  $file = [IO.File]::Open($_.FullName, 'Open', 'Read', 'ReadWrite, Delete')
  try {
    $memory = [IO.MemoryStream]::new()
    $file.CopyTo($memory)
    '{0}\`t{1}\`t{2}' -f $_.Name, $memory.Length, [Convert]::ToBase64String($memory.ToArray())
  } finally { $file.Dispose() }
}`;

// Some editions have no quser.exe; where nobody is logged in it says so and ends with 1.
const sessions = `
if (Get-Command quser.exe -ErrorAction SilentlyContinue) { quser.exe 2>&1 | ForEach-Object { "$_" } }
else { 'there is no quser.exe' }
exit 0`;

const asked = (id: string, what: string, source: string, script: string, more: Partial<Item> = {}): Item => ({
  id,
  what,
  source,
  verb: [powershell(script)],
  form: 'txt',
  from: 'flash',
  seconds: 120,
  bytes: 64 * MiB,
  ...more,
});

/** `powershell -EncodedCommand` takes UTF-16LE in base64: no shell on the way reads any of it. */
export function powershell(script: string): string {
  const quiet = "$ProgressPreference = 'SilentlyContinue'\n[Console]::OutputEncoding = [Text.Encoding]::UTF8\n";
  return `powershell.exe -NoProfile -NonInteractive -EncodedCommand ${Buffer.from(quiet + script.trim(), 'utf16le').toString('base64')}`;
}

export const windowsItems: readonly Item[] = [
  asked(
    'clock',
    'clock, time service, system',
    'Win32_OperatingSystem',
    '[DateTimeOffset]::UtcNow.ToUnixTimeSeconds()\nw32tm.exe /query /status\nGet-CimInstance Win32_OperatingSystem | ConvertTo-Json -Depth 3',
  ),
  asked(
    'network',
    'TCP and UDP endpoints with their processes',
    'NetTCPIP',
    '@{ tcp = @(Get-NetTCPConnection); udp = @(Get-NetUDPEndpoint); routes = @(Get-NetRoute); neighbours = @(Get-NetNeighbor) } | ConvertTo-Json -Depth 3',
  ),
  asked(
    'processes',
    'processes with their command lines',
    'Win32_Process',
    'ConvertTo-Json -Depth 3 -InputObject @(Get-CimInstance Win32_Process)',
  ),
  asked('sessions', 'who is logged in', 'quser', sessions),
  asked(
    'wmi-subscriptions',
    'WMI filters, consumers, bindings and timers of every namespace',
    'root/**',
    everyNamespace,
    {seconds: 600},
  ),
  asked(
    'wmi-repository',
    'the raw WMI repository, for parsers: what a query hides is in it',
    '%SystemRoot%\\System32\\wbem\\Repository',
    repository,
    {form: 'tsv', seconds: 600, bytes: 512 * MiB},
  ),
  asked('run-keys', 'programs that start with the system or with a user', 'registry', runKeys),
  asked(
    'tasks',
    'scheduled tasks, as XML',
    'Task Scheduler',
    'Get-ScheduledTask | ForEach-Object { Export-ScheduledTask -TaskName $_.TaskName -TaskPath $_.TaskPath }',
    {seconds: 300},
  ),
  asked(
    'services',
    'services and drivers with their programs',
    'Win32_Service, Win32_SystemDriver',
    'ConvertTo-Json -Depth 3 -InputObject @(Get-CimInstance Win32_Service; Get-CimInstance Win32_SystemDriver)',
  ),
];
