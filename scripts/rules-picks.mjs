// What docs/rules.md says beside the catalogs: the readings that were taken, and what the switches of a policy decide.

const rowsOf = (table) =>
  table
    .trim()
    .split('\n')
    .map((line) => line.split(' | '));

/** Where a source can be read in two ways: id, rule, the reading taken, the other one, why, and what gives the other. */
export const picks = rowsOf(`
A-01 | AIP-1.2 | a disk that goes into another machine costs a license | it is a move when the old machine is disposed of | the original disk still works; whoever disposes of it migrates instead
A-02 | AIP-1.4 | Desktop and Linux editions back up no shares | they do, within limits | no limit is stated that could be checked | row AIP-1.4
A-03 | AIP-2.1 | without a word about the old machine the license stays | the old machine is taken to keep running | the disposal is a condition, one click gives it, and the restore is open meanwhile
A-04 | AIP-2.2 | any free license of the edition serves the old machine | only a subscription does | a perpetual license is the larger right; what is proposed is still a subscription
A-05 | AIP-2.4 | the host that a physical machine moves to needs a perpetual license | any term | the source says perpetual each time | row AIP-2.4
A-06 | AIP-2.4 | a source on a subscription counts as licensed | only a perpetual one does | what is missing is at the target; nobody buys the source twice
A-07 | AIP-3.2 | a guest may move to a host on a subscription | that host needs a perpetual license | hosts that are licensed already are daily live migration | policy subscriptionTargetHost
A-08 | AIP-3.3 | a host license does not follow a guest, the first host disposed of or not | it does | the source speaks of another license; replaced host hardware is F-7
A-09 | AIP-4.1 | the source needs the edition of its system | always Server | a Server license cannot serve a Linux machine
A-10 | AIP-5.4 | a group of n nodes needs n − 2 additional-node licenses | one for each node, or one for the group | the third node is the first additional one | row AIP-5.4
A-11 | AIP-7.2 | the allowance counts HyperAgent machines | it counts backup runs | a counter of runs would stop a backup at random
A-12 | AIP-8.3 | Desktop alone covers the client system without its guests | it covers nothing there | that is what Desktop is sold for beside the guests’ license
A-13 | AIP-9.1 | a boot medium also recovers onto replacement hardware, the old one disposed of | only onto the licensed machine | else bare-metal recovery, the reason of the medium, would fail
A-14 | AIP-9.6 | a spare medium may exist | it may not | the source forbids use at the same time
A-15 | AIP-9.7 | the authority may reassign a technician license, on record | nobody ever may | people leave; the holder himself may not
A-16 | MSP-4 | the company’s own licenses first, then the global pool | the company’s own only | accounts work that way; where they do not, a switch says so | policy allowGlobalFallback
A-17 | MSP-7.1 | a company’s licenses: used by it, and bought for it | one of the two | else a free license of the company is never seen
A-18 | MSP-12 | Desktop or Server on macOS and on Linux | Desktop on macOS, Server on Linux | it refuses nothing that the other reading allows | instanceTypes.only
A-19 | LMP-1.5 | a license past its date is not pooled | it is, and ends all keys of its type | the damage is total and cannot be undone
A-20 | LMP-1.7 | a locked console can be read, and renewals are open | nobody signs in | who cannot sign in cannot repair | policy lmpLockout
A-21 | LMP-2.4 | the keys of a pool add up to its quota at most | they may overlap while their use does not | it works offline
A-22 | LMP-3.10 | a quota below the use is told | it is refused | the source says at any time
A-23 | LMP-3.11 | the daily check is at 08:01 of the server | of the license server | the server runs the job | row LMP-3.11
A-24 | LMP-4.5 | the pooled grace ends after exactly 14 × 24 hours | at the end of the 14th day | an instant can be shown and checked | policy graceDays.pooled
A-25 | LMP-4.13 | a key in use is deleted when it is 14 days old and its lease has ended | the age is enough | else its CALs could be used twice | rows LMP-4.13
A-26 | LMP-4.14 | offline a key lives until its lease ends | it stops at once | an expiry 14 days ahead means this
A-27 | LMP-4.15 | licensee names in ASCII letters | in any alphabet | it is what the source’s form takes | row LMP-4.15
A-28 | AIP-6.1 | a HyperAgent in a guest of a licensed host is a guest | it needs a license while agentless backups rest | the host covers every guest
A-29 | AIP-8.1 | one guests’ license for a client computer | one for each guest | the source names one license
A-30 | AIP-9.3 | both kinds of boot media have all features | only one kind has | no limit is stated for the other
A-31 | AIP-9.3 | a licensed Windows machine is one of this product | one with a license of the system | the other is not ours to check
A-32 | MSP-7.2 | commercial or trial, one of two | a third choice shows both | only this filter has no All in the source
A-33 | MSP-10 | never purchased is asked for each type and kind | for each type | the source says trial or commercial
A-34 | LMP-4.17 | Free Upgrade Until includes its day | excludes it | until
A-35 | LMP-4.13 | a deactivated key is deleted at once | it waits 14 days as well | the note is about keys in use
A-36 | AIP-1.1 | the rule is about duplicates of machines | about standby guests as well | those have rules of their own
A-37 | AIP-5.3 | any supported version of the host edition | exactly the version the source names | the source is of its time
A-38 | AIP-7.1a | a HyperAgent is needed to activate and for agentless backups | at all times | agent backups of guests go on without it
A-39 | AIP-9.1 | a boot medium recovers machines that have or had a license | any machine, or licensed ones only | no restore is blocked, and one medium is no unlimited license
A-40 | AIP-5.4 | a check of coverage asks for n − 2 additional-node licenses, full ones or not | full licenses stand in for them | the source calls them dedicated; a backup counts the full license (F-5)
A-41 | AIP-9.3 | the limit of a Windows medium holds for technicians too | technicians are free of it | it is a limit of the medium
`);

/** Each field of a policy: the rule or pick behind it, its unit, what it decides. */
export const policyFields = rowsOf(`
graceDays | D-3, LMP-4.5 | days by term | how long a license goes on after its end; \`pooled\`: after its conversion
overuse | D-4 | percent, instances | instances beyond the licensed ones, the larger of both; absent: none
subscriptionTargetHost | A-07 | \`as_6_1\` or \`strict\` | whether a guest may move to a host on a subscription
allowGlobalFallback | A-16 | true or false | whether a company takes from the global pool when its own licenses are used up
lmpLockout | A-20 | \`read_only\` or \`literal\` | whether a locked console can still be signed in to
fingerprintThreshold | D-9 | 0 to 1 | similarity from which a machine is the same one
staleDays | D-10 | days | silence after which a release is proposed
warnDays | D-2 | days | levels of a warning before something stops
shortageGraceDays | F-4 | days | time to cure a shortage that something else has caused; 0: none
parallelDays | AIP-2.2 | days | old and new machine side by side after a move; 0: none
releaseReuse | D-10 | \`after_lease\` or \`at_once\` | whether a released seat waits for the last lease of its former holder
`);
