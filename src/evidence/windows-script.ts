/** `powershell -EncodedCommand` takes UTF-16LE in base64: no shell on the way reads any of it. */
export function powershell(script: string): string {
  // Without the mark that UTF8 itself puts at the beginning of a stream.
  const encoding = '[Console]::OutputEncoding = New-Object Text.UTF8Encoding $false';
  const text = `$ProgressPreference = 'SilentlyContinue'\n${encoding}\n${script.trim()}`;
  return `powershell.exe -NoProfile -NonInteractive -EncodedCommand ${Buffer.from(text, 'utf16le').toString('base64')}`;
}

/** A script that counts in `$lack` what it could not have, and ends accordingly. */
export const whole = (script: string): string => `
$lack = 0
${script.trim()}
if ($lack) { [Console]::Error.WriteLine("not whole: $lack"); exit 1 }`;

/** All instances of WMI classes in the usual namespace, `root/cimv2`. */
export const allOf = (...classes: readonly string[]): string =>
  `ConvertTo-Json -Depth 3 -InputObject @(${classes.map((each) => `Get-CimInstance ${each}`).join('; ')})`;

/**
 * Files as records: name and content in base64, the size between them. What the system holds open it mostly shares for
 * reading. Of one above 256 MiB, the beginning. `paths` are texts of PowerShell between double quotes, with `*`; what is not
 * there is no lack. With `deep`, all that lies below a path.
 */
export const filesOf = (paths: readonly string[], deep: 'deep' | 'flat' = 'flat'): string =>
  whole(`
$paths = @(${paths.map((path) => `"${path}"`).join(', ')})
foreach ($item in Get-ChildItem -Force${deep === 'deep' ? ' -Recurse' : ''} -Path $paths -ErrorAction SilentlyContinue -ErrorVariable wrong) {
  if ($item.PSIsContainer) { continue }
  try {
    $file = [IO.File]::Open($item.FullName, 'Open', 'Read', 'ReadWrite, Delete')
    try {
      $bytes = New-Object byte[] ([int][Math]::Min($file.Length, 268435456))
      $read = 0
      do { $got = $file.Read($bytes, $read, $bytes.Length - $read); $read += $got } while ($got -gt 0)
      $name = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($item.FullName))
      "$name\`t$($file.Length)\`t" + [Convert]::ToBase64String($bytes, 0, $read)
    } finally { $file.Dispose() }
  } catch { $lack++ }
}
$lack += @($wrong | Where-Object { $_.CategoryInfo.Category -ne 'ObjectNotFound' }).Count`);
