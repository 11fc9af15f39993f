import type { Texts } from './texts.js';

/** English. One row a cause: `<rule> <verdict> [code] | what is so | what to do`; a row of a rule alone describes it. */
export const en: Texts = {
  language: 'en',
  sentences: `
AIP-0.1 allow | This machine has a license of its own.
AIP-0.1 needs | This machine has no license of its own. | Assign {missing}, or buy it.
AIP-0.1 refuse LICENSE_EXPIRED | This license has ended. | Renew it, or take another one.
AIP-0.1 refuse LICENSE_REVOKED | This license has been revoked. | Ask whoever sold it to you why, or take another one.
AIP-0.1 refuse LICENSE_NOT_STARTED | This license is not valid yet. | Wait for its first day, or take another one.
AIP-0.1 refuse ALREADY_ASSIGNED | This license is in use on another machine or host. | Move it from there, or take a free one.
AIP-0.2 needs | The edition of the license does not fit what it is put on. | Assign {missing}, or buy it.
AIP-0.2 refuse OS_NOT_SUPPORTED | There is no license for this operating system. | Ask which operating systems are supported.
AIP-1.1 allow | The active machine and its standby are both licensed.
AIP-1.1 needs | A standby is a machine of its own and needs a license, even while it is powered off. | Assign {missing}, or buy it.
AIP-1.2 allow | The copied disk makes no machine without a license.
AIP-1.2 needs | A system disk that was copied and put into another machine makes a second machine. | Assign {missing}, or buy it. If the first machine is taken out of service, migrate it instead: then its license moves along.
AIP-1.3 allow | This licensed machine may back up any number of network shares as files; the computers that hold them need no license.
AIP-1.4 refuse EDITION_EXCLUDES_SHARES | The edition on this machine does not include network shares. | Back the share up from a machine with another edition.
AIP-1.5 refuse FILE_BACKUP_ONLY | Network shares can be backed up as files only. | Choose a file backup for this share.
AIP-2.1 allow | The license moves to the new machine, because the old one is taken out of service.
AIP-2.1 refuse DISPOSITION_UNDECLARED | Nobody has said what becomes of the old machine, so its license cannot move yet. | Declare whether the old machine is disposed of or keeps running. The data can be restored meanwhile.
AIP-2.2 allow | Both machines can run: there is a license for each.
AIP-2.2 needs | An old machine that runs beside the new one needs a license of its own. | Assign {missing}, or buy it; or take the old machine out of service.
AIP-2.2 warn PARALLEL_DAYS | Old and new machine run side by side on one license; {days} of this are left. | Take the old machine out of service by then, or give it a license.
AIP-2.3 needs | Moving a physical machine to a hypervisor host needs licenses at both ends. | Assign or buy {missing}.
AIP-2.4 allow | The physical machine and the hypervisor host are both licensed.
AIP-2.4 needs | The license of a physical machine does not cover the hypervisor host that it moves to. | Put {missing} on that host.
AIP-2.5 needs | The host that keeps the standby virtual machine has no license. | Put {missing} on that host.
AIP-2.6 allow | The host that keeps the standby virtual machine is licensed, for any number of them.
AIP-3.1 needs | Moving a guest to another host needs licenses at both ends. | Assign or buy {missing}.
AIP-3.2 needs | The license of the first host does not cover the host that the guest moves to. | Put {missing} on the second host.
AIP-3.3 needs | Taking the first host out of service does not move its license along with a guest. | Put {missing} on the second host.
AIP-3.4 allow | The redundant host is licensed.
AIP-3.4 needs | Each host that keeps a copy of the guest needs its own license. | Put {missing} on the redundant host.
AIP-4.1 needs | Moving a physical machine to the cloud needs licenses at both ends. | Assign or buy {missing}.
AIP-4.2 allow | The physical machine and the cloud machine are both licensed.
AIP-4.2 needs | The cloud machine has no license yet. | Assign or buy {missing}.
AIP-4.3 needs | Moving a guest to the cloud needs licenses at both ends. | Assign or buy {missing}.
AIP-4.4 needs | The license of the host does not cover the cloud machine. | Assign or buy {missing}.
AIP-4.5 refuse VIRTUAL_NOT_FOR_CLOUD | A license for hypervisor hosts may not be used on a cloud machine. | Take a Cloud license for it.
AIP-4.6 allow | Host and cloud machine are both licensed: the guest may move between them as often as you like.
AIP-4.6 needs | One end of this move has no license. | Assign or buy {missing}.
AIP-5.1 needs | A standby made from agent backups carries the agent, so the host that keeps it needs a license. | Put {missing} on that host.
AIP-5.2 allow | The host that keeps the standby is licensed, for any number of them.
AIP-5.3 needs | Guests float over all hosts of a hyper-converged system, so each of its hosts needs a license. | Put {missing} in place, one on each.
AIP-5.4 allow | The nodes of this cluster group are licensed.
AIP-5.4 needs | A cluster group of three or more nodes needs an additional-node license from the third node on. | Assign or buy {missing}.
AIP-5.5 allow | The additional-node license is bound to this cluster group, for good.
AIP-5.5 refuse BOUND_TO_OTHER_GROUP | This additional-node license belongs to another cluster group. | Buy one for this group.
AIP-5.6 allow | A standby made from agentless backups needs no license on the host that keeps it.
AIP-5.7 needs | Creating this redundant virtual machine was free; backing it up needs a license on its host. | Put {missing} on that host.
AIP-6.1 allow | The hypervisor host is licensed, and with it any number of its guests.
AIP-6.2 needs | The hypervisor host of this machine has no license. | Put {missing} on it.
AIP-7.1 refuse HYPERAGENT_REQUIRED | An agentless backup needs a HyperAgent that can reach the host, and there is none. | Install a HyperAgent on a machine that can connect to the host.
AIP-7.1a refuse HYPERAGENT_REQUIRED | Activating a license on this host needs a HyperAgent that can reach it, and there is none. | Install a HyperAgent on a machine that can connect to the host.
AIP-7.2 allow | The HyperAgent machine on a licensed host is covered by the allowance of that license.
AIP-7.3 allow | The HyperAgent machine is covered by the allowance of a host license.
AIP-7.3 needs | Each host license covers one HyperAgent machine, and all of these are taken. | Assign or buy {missing}.
AIP-7.4 needs | The allowance for a HyperAgent machine holds only while agentless backups are in use. | Assign or buy {missing}.
AIP-8.1 allow | The guests of this client computer are licensed.
AIP-8.1 needs | Guests of a hypervisor on a client computer need a license of their own kind. | Put {missing} on it.
AIP-8.2 allow | What this backup contains is licensed.
AIP-8.2 needs | The client system itself is backed up as well and needs a license of its own. | Assign or buy {missing}.
AIP-8.3 needs | The license of the client system does not cover the guests on it, which an entire backup contains. | Put {missing} on it, or back up the client system only.
AIP-9.1 allow | The boot medium is genuine, and this machine is licensed for it.
AIP-9.1 needs | This boot medium works on licensed machines, and knows of no license here. | Assign or buy {missing}.
AIP-9.1 refuse UNLICENSED_MEDIA | This boot medium carries no valid license stamp. | Make a new medium on a licensed machine, or use another one.
AIP-9.2 refuse MEDIA_OS | A Linux boot medium works on Windows and Linux machines only. | Use a machine with one of these systems.
AIP-9.3 refuse MEDIA_OS | A Windows boot medium works on Windows machines only. | Use a Linux boot medium for this machine.
AIP-9.4 allow | The technician license stays with its holder.
AIP-9.4 needs | This one-year technician license is not valid now. | Renew it, or take {missing}.
AIP-9.4 needs ITPRO_YEAR_ENDED | The year of this technician license has ended. | Renew it: {missing}.
AIP-9.4 needs LICENSE_REVOKED | This technician license has been revoked. | Ask whoever sold it to you why, or take {missing}.
AIP-9.4 needs LICENSE_NOT_STARTED | This technician license is not valid yet. | Wait for its first day, or take {missing}.
AIP-9.5 allow | The technician license serves any number of machines.
AIP-9.6 refuse ITPRO_CONCURRENT | This technician license is in use in another session. | End that session, or wait until it lapses.
AIP-9.6 refuse ITPRO_MEDIUM_ELSEWHERE | This very boot medium is in use on another machine. | End the session there, or take it over and wait until its grant has ended.
AIP-9.6 refuse ITPRO_TWO_MEDIA | Another boot medium is in use on this technician license. | End the session of that medium, or take it over and wait until its grant has ended.
AIP-9.6 refuse ITPRO_TAKEN_OVER | Another session has taken this license over. | Finish what is running; start again when the other session has ended.
AIP-9.6 refuse ITPRO_ENDED | This session has ended. | Start a new session.
AIP-9.6 refuse VOUCHER_ENDED | The time of this voucher is over. | Fetch a new voucher, or start a session online.
AIP-9.6 refuse VOUCHER_ELSEWHERE | This voucher is for another machine or another boot medium. | Ask for a voucher for this machine: it is named by the code that the medium shows.
AIP-9.6 warn SPARE_MEDIA_NOT_AT_SAME_TIME | A spare medium is fine, but only one may be in use at a time. | Keep the spare for the day the first one fails.
AIP-9.7 allow | The technician license has a new holder; this is on record.
AIP-9.7 refuse ITPRO_NOT_HOLDER | This technician license belongs to somebody else, and its holder may not lend it or pass it on. | Ask whoever sold it to you to reassign it.
AIP-9.7 refuse ITPRO_PIN | The PIN of the technician is missing or wrong. | Enter the PIN that belongs to this boot medium.
MSP-1 allow | A valid license is assigned to this instance.
MSP-1 needs | No valid license is assigned to this instance. | Assign {missing}, or buy it.
MSP-1 refuse LICENSE_EXPIRED | This license has ended and cannot be assigned. | Renew it, or take another one.
MSP-2 needs | No license of this type is free here. | Release one that is no longer used, or buy {missing}.
MSP-2 refuse ALREADY_ASSIGNED | This license is assigned to another instance. | Release it there first, or take a free one.
MSP-3 allow | The license comes from the global pool.
MSP-4 allow | The license is one of the company's own.
MSP-4 needs | The company has no license of this type left. | Release one that is no longer used, or buy {missing}.
MSP-4 refuse COMPANY_MISMATCH | This license was bought for another company. | Take one of this company, or one of the global pool.
MSP-5 allow | The number of licenses still to be bought for that day.
MSP-6 | The licenses are found in the menu Organization, under Licenses.
MSP-7 allow | The licenses that search and filters leave.
MSP-7.1 | The company filter shows what the company uses and what was bought for it; All clears it.
MSP-7.2 | Either commercial or trial licenses are shown, commercial ones first.
MSP-7.3 | A license is valid through its last day and expired from the next.
MSP-7.4 | Used licenses are assigned to a computer or a domain; trials are not asked.
MSP-7.5 | Only licenses that renew themselves.
MSP-8 allow | The licenses by type; a type with more than one can be opened.
MSP-9 allow | Nothing stands against this order.
MSP-9 refuse QUANTITY | The quantity must be a whole number from 1. | Correct the quantity.
MSP-9 refuse ADD_ON | There is no such add-on. | Choose Premium Support or Onboarding, or none.
MSP-10 allow | No license of this type was ever requested.
MSP-11 refuse PAYMENT_MODE_REQUIRED | The first purchase decides how the account pays. | Choose monthly or annual.
MSP-11 refuse PAYMENT_MODE_FIXED | The way this account pays was chosen with its first purchase and stays. | Order without changing it, or ask your vendor.
MSP-12 needs | This type of license is not for macOS or Linux. | Assign {missing}, or buy it.
MSP-12 refuse TYPE_NOT_FOR_OS | A macOS or Linux computer takes a Desktop or Server license only. | Choose one of these.
MSP-P1 | A license that does not renew itself is valid through its last day.
LMP-1.1 allow | The license can be pooled; its CALs are then shared by several servers.
LMP-1.2 allow | The CALs of all pooled licenses of this type.
LMP-1.3 | Only licenses of one type are pooled together.
LMP-1.4 refuse NO_POOL | There is no such license pool, and a pool key is made from one. | Create the pool first.
LMP-1.5 warn LOWERS_FREE_UPGRADE_UNTIL | Every pool key of this type would inherit the earlier Free Upgrade Until of this license, for good. | Renew its maintenance first, or go on knowingly.
LMP-1.5 warn EXPIRES_SOON | The Free Upgrade Until that the pool keys of this type inherit ends soon. | Renew the maintenance first.
LMP-1.5 refuse MAINTENANCE_EXPIRED | The Free Upgrade Until of this license is over; pooling it would end every pool key of its type. | Renew its maintenance first.
LMP-1.5b | A license with an earlier Free Upgrade Until lowers the date of all pool keys of its type.
LMP-1.6 allow | The maintenance is valid, and the server runs.
LMP-1.6 refuse MAINTENANCE_EXPIRED | The Free Upgrade Until that this pool key inherits is over. | Renew the maintenance of the pooled licenses of this type.
LMP-1.7 allow | Every pooled license is inside its Free Upgrade Until.
LMP-1.7 warn READ_ONLY_UNTIL_RENEWED | The Free Upgrade Until of a pooled license is over: everything can be seen, nothing changed. | Renew its maintenance; that is open.
LMP-1.7 refuse PORTAL_LOCKED | The Free Upgrade Until of a pooled license is over, so this is closed. | Renew its maintenance; that is open.
LMP-1.8 | Quotas change as needed.
LMP-2.1 | Licenses in stock and licenses in use can be pooled.
LMP-2.2 | A pooled license is no longer applied to a server.
LMP-2.3 refuse POOL_QUOTA_EXCEEDS_TOTAL | The pools of this type would hand out more CALs than are pooled. | Lower the quota of a pool, or pool another license of this type.
LMP-2.4 refuse KEY_QUOTA_EXCEEDS_POOL | The keys of this pool would carry more CALs than the pool has. | Lower a key quota, or raise the pool quota.
LMP-2.5 | Pool keys are applied directly to servers.
LMP-3.1 refuse CONFIRM_IRREVERSIBLE | Pooling a license cannot be undone. | Confirm that you know this.
LMP-3.2 warn CREATE_POOL_KEY_WITHIN_14_DAYS | A server runs on this license and goes on for 14 days only. | Create a pool key and apply it to that server.
LMP-3.3 allow | The license pool can be created.
LMP-3.3 refuse POOL_NAME_AND_TYPE | A license pool needs a name and a license type. | Fill in both.
LMP-3.4 allow | The pool quota can be set.
LMP-3.5 allow | The pool key can be created.
LMP-3.5 refuse QUOTA_REQUIRED | A pool key needs a key quota. | Fill in the CALs; zero is a number.
LMP-3.6 | A server with a pool key must reach the license server.
LMP-3.7 | The expiry date of a pool key moves with every check.
LMP-3.8 | A pool key inherits its Free Upgrade Until.
LMP-3.9 allow | The pool key is in use on this server.
LMP-3.9 needs | No license or pool key is applied to this server. | Create a pool key and apply it.
LMP-3.10 allow | The key quota can be set.
LMP-3.10 refuse OVER_QUOTA | The key quota was lowered, and this client of the backup server is beyond it: what it protected stays restorable. | Raise the quota of the Pool Key, or take another client off the server.
LMP-3.10 warn OVER_QUOTA | The server uses more than the new key quota: what it protects stays restorable, its newest clients stop backing up. | Raise the quota, or remove clients.
LMP-3.11 allow | The key quota that has reached the server.
LMP-4.1 allow | A purchased license that is not pooled runs its server by itself.
LMP-4.2 refuse METERED_NOT_POOLABLE | A metered license cannot be pooled; only purchased ones can. | Buy a license, or use this one by itself.
LMP-4.3 refuse POOLED_NOT_APPLICABLE | This license was pooled and can no longer be applied to a server. | Create a pool key and apply that.
LMP-4.4 refuse POOLED_NOT_APPLICABLE | A pooled license cannot be applied to a new installation. | Create a pool key and apply that.
LMP-4.5 warn POOLED_GRACE | The license of this server was pooled; the server runs on for {days}. | Create a pool key and apply it to this server.
LMP-4.5 refuse STOPPED_POOLED | The license of this server was pooled, and its days of grace are over. Restores stay open. | Create a pool key and apply it to this server.
LMP-4.6 refuse IRREVERSIBLE | A pooled license stays pooled. | There is no way back; its CALs can be used by pool keys.
LMP-4.7 | A pool key carries CALs of its own pool only.
LMP-4.8 refuse SERVER_TOO_OLD | This server is too old for pool keys. | Update it to version 7 or later.
LMP-4.9 refuse NO_POOLED_LICENSE | No license of this type is pooled, so nothing carries this pool key. | Pool a license of this type first.
LMP-4.10 | The number of license pools is not limited.
LMP-4.11 allow | License and pool are of one type.
LMP-4.11 refuse TYPE_MIXED | OEM and Standard licenses cannot be mixed in one pool. | Choose a pool of the license's type.
LMP-4.12 | The number of pool keys in a pool is not limited, their quotas are.
LMP-4.13 allow | No server runs on this pool key; it can be deleted.
LMP-4.13 refuse KEY_IN_USE_14_DAYS | This pool key is in use and younger than 14 days. | Deactivate it on its server, or wait.
LMP-4.13 refuse KEY_LEASE_LIVE | A server may still run on this pool key, so its CALs could be spent twice. | Deactivate it on its server, or wait until its lease has ended.
LMP-4.14 warn OFFLINE | The server does not reach the license server; it runs on for {days}. | Restore its way to the license server.
LMP-4.14 refuse ONLINE_REQUIRED | A pool key can be applied only while the server reaches the license server. | Connect the server and try again.
LMP-4.15 refuse LICENSEE_NAME | A licensee name has letters A to Z, digits, underscores and hyphens only. | Correct the name.
LMP-4.16 allow | The pool key as it is today.
LMP-4.16 refuse LEASE_EXPIRED | The server has not reached the license server for 14 days. Restores stay open. | Connect it, and press Update.
LMP-4.17 | All pool keys of a type inherit the earliest Free Upgrade Until of its pooled licenses.
LMP-P1 refuse KEY_IN_USE | It is in use on another server. | Deactivate it there, or take another one.
D-1 allow | Restores are always open.
D-1 warn RESTORE_ONLY | The restore is open; new backups are not, because something is not licensed. | Renew or assign a license when the restore is done.
D-2 warn EXPIRES_SOON | The license or maintenance in use ends {inDays}. | Renew it in time.
D-3 warn IN_GRACE | The subscription has ended; backups go on for {days} more. | Renew it before they stop.
D-4 allow | There is room for one more instance.
D-4 warn OVER_LICENSED | More instances run than are licensed; up to {max} are tolerated. | Buy licenses for the rest.
D-4 needs | No more than {max} instances may run. | Release one that is no longer used, or buy {missing}.
D-5 allow | The signed lease is valid.
D-5 refuse LEASE_EXPIRED | The lease of this machine has ended, and no license server has renewed it. Restores stay open. | Let the machine reach its license server, or bring it a license file.
D-5 refuse BAD_SIGNATURE | The signature of the lease is not valid. Restores stay open. | Check in again, or bring a license file from your vendor.
D-6 | Time never runs back: what counts is the latest time that was ever trusted.
D-7 allow | A license can be installed or renewed at any time.
D-7 refuse BAD_SIGNATURE | The signature of this license is not valid. | Ask for the license again; this file was changed or is not from your vendor.
D-8 allow | A running job finishes.
D-9 allow | This is the same machine as before.
D-9 needs | This looks like another machine. | Bind the license to it again, or take {missing}.
D-10 allow | This instance is in use.
D-10 warn PROPOSE_RELEASE | This instance has been silent for {silentDays}. | Release its license, if it no longer exists.
D-11 | Every refusal says which rule, what is missing, who can cure it and how long things still run.
D-12 | After a renewal everything resumes by itself; nothing was deleted.
F-1 warn HOST_UNVERIFIED | The host of this guest was declared at activation and not confirmed since. | Connect the inventory of the host.
F-1 needs | No licensed host of this guest is known. | Declare its host or connect its inventory, and put {missing} on it.
F-2 warn HYPERAGENT_UNKNOWN | No HyperAgent has reported yet. | Install one, or wait for its first report.
F-3 warn INVENTORY_STALE | The inventory has been silent for more than three days; the last known state counts. | See why it no longer reports.
F-4 warn SHORTAGE_GRACE | This machine was covered until something else changed; backups go on for {days}. | Assign or buy {missing} by then.
F-5 | A backup on a cluster node counts the licenses of the nodes and those bound to the group.
F-6 allow | A declared standby may be silent.
F-7 allow | The license moves to the replacement hardware.
F-7 refuse DISPOSITION_UNDECLARED | Nobody has said what becomes of the hardware that is replaced. | Declare that it is disposed of or dead.
F-8 allow | The license goes back; the new machine had not backed up yet.
F-8 refuse TARGET_IN_USE | The new machine has backed up with this license already. | Buy a license for the machine that runs again.
F-9 allow | Both ends of this move are licensed.
F-9 needs | Both ends need a license; nothing moves along. | Assign or buy {missing}.
F-10 allow | The recovery is proven to be of a licensed machine.
F-10 warn OS_UNKNOWN | Which system was on this machine is not known; the recovery goes on. | Name the image, or check the system afterwards.
F-10 warn MEDIA_EXPIRED | The passport of this boot medium has expired; the recovery goes on. | Make a new medium afterwards.
F-10 warn CLOCK_WRONG | The clock of this machine cannot be trusted; the recovery goes on. | Set the clock afterwards.
F-10 refuse OS_UNKNOWN | Which system is on this machine is not known, and a cold backup needs to know. | Use another medium, or recover instead.
F-10 refuse MEDIA_EXPIRED | The passport of this boot medium has expired. | Make a new medium; a recovery is still open.
F-10 refuse CLOCK_WRONG | The clock of this machine cannot be trusted, and a cold backup needs it. | Set the clock; a recovery is open meanwhile.
F-11 allow | The maintenance can be renewed.
F-11 refuse DATE_NOT_LATER | The new date is not later than the present one. | Choose a later date.
F-12 allow | The pool key is not in use and renews nothing.
F-12 warn LEASE_ENDS | This pool key is leased until {until}; then it can be deleted. | Give the server another key, if it is still needed.
`,
  verdicts: {
    allow: ['This is allowed.', ''],
    warn: ['This is allowed, with something to know.', 'Ask your vendor about the rule that is named.'],
    needs: ['A license is missing.', 'Assign or buy {missing}.'],
    refuse: ['This is not allowed.', 'Ask your vendor about the rule that is named.'],
  },
  obligations: {
    DISPOSE_SOURCE: 'Take the old hardware out of service.',
    MOVE_LICENSE: 'The license moves to its new place.',
    ASSIGN_LICENSE: 'The free license is assigned.',
    BIND_FOREVER: 'The license is bound for good.',
    DECLARE_SOURCE: 'Say what becomes of the old machine.',
    AUDIT: 'This is kept on record.',
  },
  names: {
    server: 'Server',
    desktop: 'Desktop',
    linux: 'Linux',
    virtual: 'Virtual',
    cloud: 'Cloud',
    server_vpack: 'Server vPack',
    additional_node: 'additional-node',
    it_pro: 'technician',
    pool_key: 'Pool Key',
  },
  need: ({ edition, term, count, bindTo }) => {
    const what = [term === 'any' ? '' : term, edition].filter((word) => word !== '').join(' ');
    const article = /^[aeiou]/i.test(what) ? 'an' : 'a';
    return count === 1
      ? `${what === '' ? 'a' : `${article} ${what}`} license for ${bindTo}`
      : `${count} ${what}${what === '' ? '' : ' '}licenses for ${bindTo}`;
  },
  or: (names) => names.join(' or '),
  and: (items) => items.join(' and '),
  between: ' ',
  bound: {
    machine: 'machine {id}',
    'machine:this-machine': 'this machine',
    host: 'host {id}',
    'host:unknown': 'the host it runs on',
    cluster_group: 'cluster group {id}',
    technician: 'technician {id}',
    instance: 'instance {id}',
    'instance:new': 'the new instance',
    domain: 'domain {id}',
    company: 'company {id}',
    server: 'server {id}',
    pool: 'pool {id}',
    'pool:default': 'the product',
  },
  days: (count) => (count === 1 ? '1 day' : `${count} days`),
  inDays: (count) => (count === 0 ? 'today' : `in ${count === 1 ? '1 day' : `${count} days`}`),
};
