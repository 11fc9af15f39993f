/** Asks this computer, or all nodes of its failover cluster, and writes one JSON document. A node that does not answer is
 * told as such. `BIOSGUID` is what a guest sees as its UUID; `ProductType` 1 is a client system. */
export const HYPER_V_SCRIPT: string = String.raw`
$ErrorActionPreference = 'Stop'
$cluster = $null
if (Get-Command Get-Cluster -ErrorAction SilentlyContinue) {
  if ((Get-Service ClusSvc -ErrorAction SilentlyContinue).Status -eq 'Running') { $cluster = Get-Cluster }
}
$names = if ($cluster) { (Get-ClusterNode).Name } else { @($env:COMPUTERNAME) }
$nodes = foreach ($name in $names) {
  $at = if ($name -eq $env:COMPUTERNAME) { @{} } else { @{ ComputerName = $name } }
  try {
    $product = Get-CimInstance Win32_ComputerSystemProduct @at
    $system = Get-CimInstance Win32_OperatingSystem @at
    $guests = Get-CimInstance -Namespace root/virtualization/v2 Msvm_VirtualSystemSettingData @at |
      Where-Object VirtualSystemType -eq 'Microsoft:Hyper-V:System:Realized'
    @{ name = $name; uuid = $product.UUID; productType = [int]$system.ProductType;
       guests = @($guests | ForEach-Object { @{ id = $_.VirtualSystemIdentifier; biosGuid = $_.BIOSGUID } }) }
  } catch { @{ name = $name; silent = $true } }
}
$told = if ($cluster) { @{ name = $cluster.Name; s2d = [bool]$cluster.S2DEnabled } } else { $null }
ConvertTo-Json -Compress -Depth 6 @{ cluster = $told; nodes = @($nodes) }
`;
