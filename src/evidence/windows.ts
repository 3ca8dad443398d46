import {MiB, type Item} from './item.ts';
import {allOf, filesOf, powershell, whole} from './windows-script.ts';

/**
 * What is asked of a Windows host over OpenSSH, by its own PowerShell (5 or later): unlike on Linux nothing of ours runs
 * there, so what answers may lie, and access times are as Windows keeps them. Answers are JSON, or as a program of Windows
 * prints them; files come as records, as on Linux. The commands are written after Microsoft's documentation; they have not
 * been run on a Windows machine here. Left out is what needs a shadow copy or the raw volume, which change or pass by the
 * running system: registry hives, $MFT, the USN journal, Amcache, SRUM. An image of the disk has them.
 */

// Namespaces are walked from the root: a subscription in one that nobody thinks of is a known hiding place. A class that a
// namespace has not is no lack; a namespace that does not answer is.
const everyNamespace = whole(`
function Ask($space, $class) {
  try { Get-CimInstance -Namespace $space -ClassName $class -ErrorAction Stop }
  catch { if ("$($_.Exception.NativeErrorCode)" -notin 'InvalidClass', 'NotFound') { $script:lack++ } }
}
function Spaces($at) {
  $at
  Ask $at '__NAMESPACE' | ForEach-Object { Spaces "$at/$($_.Name)" }
}
$found = foreach ($space in Spaces 'root') {
  foreach ($class in '__EventFilter', '__EventConsumer', '__FilterToConsumerBinding', '__TimerInstruction') {
    Ask $space $class |
      ForEach-Object { [pscustomobject]@{ Namespace = $space; Class = $_.CimClass.CimClassName; Instance = $_ } }
  }
}
ConvertTo-Json -Depth 6 -InputObject @($found)`);

const current = 'Microsoft\\Windows\\CurrentVersion';
const currentNt = 'Microsoft\\Windows NT\\CurrentVersion';
const keys = [
  ...['HKLM:\\Software', 'HKLM:\\Software\\Wow6432Node', 'Registry::HKEY_USERS\\*\\Software'].flatMap((hive) => [
    ...['Run', 'RunOnce', 'RunOnceEx', 'RunServices', 'Policies\\Explorer\\Run'].map(
      (key) => `${hive}\\${current}\\${key}`,
    ),
    `${hive}\\${currentNt}\\Winlogon`,
    `${hive}\\${currentNt}\\Windows`,
  ]),
  `HKLM:\\Software\\${currentNt}\\Image File Execution Options\\*`,
  `HKLM:\\Software\\${currentNt}\\SilentProcessExit\\*`,
  'HKLM:\\Software\\Microsoft\\Active Setup\\Installed Components\\*',
  'HKLM:\\System\\CurrentControlSet\\Control\\Session Manager',
  'HKLM:\\System\\CurrentControlSet\\Control\\Lsa',
];

// A key that there is not is no lack; one that may not be read is.
const runKeys = whole(`
$found = foreach ($path in ${keys.map((key) => `'${key}'`).join(', ')}) {
  Get-Item -Path $path -ErrorAction SilentlyContinue -ErrorVariable wrong | ForEach-Object {
    $key = $_
    [pscustomobject]@{
      Key = $key.Name
      Values = @($key.GetValueNames() | ForEach-Object { [pscustomobject]@{ Name = $_; Data = "$($key.GetValue($_))" } })
    }
  }
  $lack += @($wrong | Where-Object { $_.CategoryInfo.Category -ne 'ObjectNotFound' }).Count
}
ConvertTo-Json -Depth 4 -InputObject @($found)`);

const tasks = whole(`
foreach ($task in Get-ScheduledTask) {
  try { Export-ScheduledTask -TaskName $task.TaskName -TaskPath $task.TaskPath -ErrorAction Stop } catch { $lack++ }
}`);

const clock = `
$now = [int64]([datetime]::UtcNow - [datetime]'1970-01-01').TotalSeconds
"now\`t" + [Convert]::ToBase64String([Text.Encoding]::ASCII.GetBytes([string]$now))
w32tm.exe /query /status
$PSVersionTable.PSVersion.ToString()
Get-CimInstance Win32_OperatingSystem | ConvertTo-Json -Depth 3`;

// Some editions have no quser.exe; where nobody is logged in it says so and ends with 1.
const sessions = `
${allOf('Win32_LogonSession', 'Win32_LoggedOnUser')}
if (Get-Command quser.exe -ErrorAction SilentlyContinue) { quser.exe 2>&1 | ForEach-Object { "$_" } }
else { 'there is no quser.exe' }
exit 0`;

const logs = [
  'Security',
  'System',
  'Application',
  'Windows PowerShell',
  ...[
    'PowerShell',
    'WMI-Activity',
    'TaskScheduler',
    'TerminalServices-LocalSessionManager',
    'TerminalServices-RemoteConnectionManager',
    'Windows Defender',
    'Sysmon',
  ].map((log) => `Microsoft-Windows-${log}%4Operational`),
  'OpenSSH%4Operational',
].map((log) => `$env:SystemRoot\\System32\\winevt\\Logs\\${log}.evtx`);

const users = '$env:SystemDrive\\Users\\*';

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
const stored = {from: 'triage', seconds: 300} as const;
const kept = {...stored, form: 'tsv', bytes: 512 * MiB} as const;

export const windowsItems: readonly Item[] = [
  asked('clock', 'clock, time service, system, version of PowerShell', 'Win32_OperatingSystem', clock),
  asked(
    'network',
    'TCP and UDP endpoints with their processes, routes, neighbours',
    'NetTCPIP',
    '@{ tcp = @(Get-NetTCPConnection); udp = @(Get-NetUDPEndpoint); routes = @(Get-NetRoute); neighbours = @(Get-NetNeighbor) } | ConvertTo-Json -Depth 3',
  ),
  asked('processes', 'processes with their command lines', 'Win32_Process', allOf('Win32_Process')),
  asked('sessions', 'who is logged in', 'Win32_LogonSession, quser', sessions),
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
    filesOf(['$env:SystemRoot\\System32\\wbem\\Repository*'], 'deep'),
    {...kept, from: 'flash', seconds: 600},
  ),
  asked('run-keys', 'programs that start with the system or with a user', 'registry', runKeys, stored),
  asked('tasks', 'scheduled tasks, as XML', 'Task Scheduler', tasks, stored),
  asked(
    'task-files',
    'scheduled tasks, as they lie on the disk',
    '%SystemRoot%\\System32\\Tasks, SysWOW64\\Tasks',
    filesOf(['$env:SystemRoot\\System32\\Tasks', '$env:SystemRoot\\SysWOW64\\Tasks'], 'deep'),
    kept,
  ),
  asked(
    'services',
    'services and drivers with their programs',
    'Win32_Service, Win32_SystemDriver',
    allOf('Win32_Service', 'Win32_SystemDriver'),
    stored,
  ),
  asked(
    'startup',
    'what starts with a user, by its place',
    'Startup folders',
    filesOf(
      [
        '$env:ProgramData\\Microsoft\\Windows\\Start Menu\\Programs\\StartUp',
        `${users}\\AppData\\Roaming\\Microsoft\\Windows\\Start Menu\\Programs\\Startup`,
      ],
      'deep',
    ),
    kept,
  ),
  asked(
    'accounts',
    'local accounts, and who is in which group',
    'Win32_UserAccount, Win32_GroupUser',
    allOf("Win32_UserAccount -Filter 'LocalAccount=True'", 'Win32_GroupUser'),
    stored,
  ),
  asked(
    'keys',
    'SSH keys that may log in, and what sshd is told',
    'ProgramData\\ssh, .ssh',
    filesOf([
      '$env:ProgramData\\ssh\\administrators_authorized_keys',
      '$env:ProgramData\\ssh\\sshd_config',
      `${users}\\.ssh\\authorized_keys`,
    ]),
    kept,
  ),
  asked(
    'powershell',
    'profiles that each PowerShell runs, and what was typed into it',
    'PowerShell',
    filesOf([
      '$PSHOME\\*profile.ps1',
      `${users}\\Documents\\WindowsPowerShell\\*profile.ps1`,
      `${users}\\AppData\\Roaming\\Microsoft\\Windows\\PowerShell\\PSReadLine\\*_history.txt`,
    ]),
    kept,
  ),
  asked(
    'firewall',
    'rules of the firewall, and ports that are passed on',
    'netsh',
    'netsh.exe advfirewall show allprofiles\nnetsh.exe advfirewall firewall show rule name=all verbose\nnetsh.exe interface portproxy show all',
    stored,
  ),
  asked(
    'updates',
    'updates that are installed',
    'Win32_QuickFixEngineering',
    allOf('Win32_QuickFixEngineering'),
    stored,
  ),
  asked('prefetch', 'what ran when', '%SystemRoot%\\Prefetch', filesOf(['$env:SystemRoot\\Prefetch\\*.pf']), kept),
  asked('event-logs', 'logs of logins, services, tasks, PowerShell and WMI', 'winevt\\Logs', filesOf(logs), {
    ...kept,
    seconds: 900,
    bytes: 1024 * MiB,
  }),
];
