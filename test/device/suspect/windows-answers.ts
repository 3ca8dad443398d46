/**
 * What a Windows Server answers to our commands, written by us in the form that Microsoft documents for each class, program
 * and file: none of it was recorded, as there is no Windows here. With what an intruder would leave, as WannaMine did:
 * a subscription in a namespace of its own.
 */
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const file = (name: string, content: string, size = content.length): string =>
  `${base64(name)}\t${size}\t${base64(content)}\r\n`;
const json = (value: unknown): string => `${JSON.stringify(value, undefined, 4).replaceAll('\n', '\r\n')}\r\n`;
const temporary = 'C:\\Windows\\Temp\\$(calc).exe';

export const windowsAnswers: Readonly<Record<string, string>> = {
  clock:
    `now\t${base64('1800000000')}\r\nLeap Indicator: 0(no warning)\r\nStratum: 4 (secondary reference)\r\n5.1.17763.5328\r\n` +
    json({Caption: 'Microsoft Windows Server 2019 Standard', Version: '10.0.17763'}),
  network: json({
    tcp: [
      {LocalAddress: '203.0.113.20', RemoteAddress: '198.51.100.10', RemotePort: 80, State: 5, OwningProcess: 4242},
    ],
    udp: [],
    routes: [],
    neighbours: [],
  }),
  processes: json([{ProcessId: 4242, Name: 'svchost.exe', CommandLine: `"${temporary}" -k netsvcs`}]),
  sessions: `${json([{LogonId: '1234', LogonType: 10}])}No User exists for *\r\n`,
  'wmi-subscriptions': json([
    {
      Namespace: 'root/other',
      Class: '__EventFilter',
      Instance: {Name: 'Updater', Query: 'SELECT * FROM __InstanceModificationEvent WITHIN 60'},
    },
  ]),
  'wmi-repository': file('C:\\Windows\\System32\\wbem\\Repository\\OBJECTS.DATA', 'CIM repository with Updater'),
  'run-keys': json([
    {
      Key: 'HKEY_LOCAL_MACHINE\\Software\\Microsoft\\Windows\\CurrentVersion\\Run',
      Values: [{Name: '\u001b[2J', Data: temporary}],
    },
  ]),
  tasks:
    '<?xml version="1.0" encoding="UTF-16"?>\r\n<Task version="1.2"><Actions><Exec><Command>cmd</Command></Exec></Actions></Task>\r\n',
  'task-files': file('C:\\Windows\\System32\\Tasks\\Updater', '<Task/>'),
  services: json([{Name: 'Updater', PathName: temporary, StartMode: 'Auto'}]),
  startup: file('C:\\ProgramData\\Microsoft\\Windows\\Start Menu\\Programs\\StartUp\\x.bat', 'calc'),
  accounts: json([{Name: 'support2', LocalAccount: true, Disabled: false}]),
  keys: file('C:\\ProgramData\\ssh\\administrators_authorized_keys', 'ssh-ed25519 AAAA operator@telemetry'),
  powershell: file('C:\\Users\\lena\\Documents\\WindowsPowerShell\\profile.ps1', 'iex $x'),
  firewall: 'Rule Name:                            Updater\r\nLocalPort:                            65533\r\n',
  updates: json([{HotFixID: 'KB5034768', InstalledOn: '2/14/2024'}]),
  prefetch: file('C:\\Windows\\Prefetch\\CALC.EXE-77FDF17F.pf', 'MAM\u0004'),
  'event-logs': file('C:\\Windows\\System32\\winevt\\Logs\\Security.evtx', 'ElfFile\u0000', 20_975_616),
};
