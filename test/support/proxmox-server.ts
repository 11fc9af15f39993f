import { X509Certificate } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSigned } from './certificate.js';

/** Nodes of a cluster with their guests: vmid → smbios1, null for a template. */
export interface ProxmoxSite {
  readonly cluster?: string;
  readonly nodes: Record<string, { online: boolean; guests: Record<number, string | null> }>;
  /** Nodes that carry OSDs; left out: Ceph is not installed. */
  readonly ceph?: readonly string[];
  /** SHA-256 of the certificate authority that the installation made for itself. */
  readonly authority?: string;
}

export const AUTHORITY = 'A1:B2:C3';
export const TOKEN = 'audit@pve!leasehold=aaaaaaaa-0000-4000-8000-bbbbbbbbbbbb';

/** A server that answers the documented API of Proxmox VE over a self-signed certificate, as a fresh installation has. */
export class ProxmoxServer {
  readonly ca: string;
  readonly fingerprint: string;
  readonly asked: string[] = [];
  site: ProxmoxSite;
  /** What comes instead, once, where the path contains this. */
  instead: { path: string; status: number; reason?: string; body?: string } | undefined;
  /** Runs before each answer. */
  before: (path: string) => void = () => undefined;
  /** Answers nothing any more. */
  hangs = false;
  readonly #server: Server;

  static async start(site: ProxmoxSite): Promise<ProxmoxServer> {
    const { key, cert } = selfSigned(2);
    const server = createServer({ key, cert });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    return new ProxmoxServer(server, cert, site);
  }

  private constructor(server: Server, cert: string, site: ProxmoxSite) {
    this.ca = cert;
    this.fingerprint = new X509Certificate(cert).fingerprint256;
    this.site = site;
    this.#server = server;
    server.on('request', (request, response) => {
      const path = (request.url ?? '').replace('/api2/json', '');
      this.asked.push(path);
      if (this.hangs) return;
      this.before(path);
      const { instead } = this;
      const known = request.headers.authorization === `PVEAPIToken=${TOKEN}`;
      if (instead !== undefined && path.includes(instead.path)) this.instead = undefined;
      const [status, reason, body] = !known
        ? [401, 'no such user', '{"data":null}']
        : instead !== undefined && path.includes(instead.path)
          ? [instead.status, instead.reason ?? '', instead.body ?? '{"data":null}']
          : this.#answer(path);
      response.writeHead(status, reason, { 'content-type': 'application/json;charset=UTF-8' });
      response.end(body);
    });
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  #answer(path: string): [number, string, string] {
    const { cluster, nodes, ceph } = this.site;
    const good = (data: unknown): [number, string, string] => [200, 'OK', JSON.stringify({ data })];
    const [, kind, name = '', about, vmid] = path.split('/');
    if (path === '/cluster/status') {
      const rows = Object.entries(nodes).map(([node, { online }], at) => {
        return {
          type: 'node',
          id: `node/${node}`,
          name: node,
          online: online ? 1 : 0,
          nodeid: at + 1,
          local: at === 0 ? 1 : 0,
        };
      });
      const head = { type: 'cluster', id: 'cluster', name: cluster, nodes: rows.length, quorate: 1, version: 4 };
      return good(cluster === undefined ? rows : [head, ...rows]);
    }
    if (path === '/cluster/ceph/metadata') {
      if (ceph === undefined) return [500, 'binary not installed: /usr/bin/ceph-mon', '{"data":null}'];
      return good({ mon: {}, osd: ceph.map((hostname, id) => ({ id, hostname })) });
    }
    const node = nodes[name];
    if (kind !== 'nodes' || node === undefined) return [501, 'Method not implemented', '{"data":null}'];
    if (!node.online) return [595, 'No route to host', '{"data":null}'];
    if (about === 'certificates') {
      const { authority = AUTHORITY } = this.site;
      return good([
        { filename: 'pve-root-ca.pem', fingerprint: authority, subject: '/CN=Proxmox Virtual Environment/OU=5b6c' },
        { filename: 'pve-ssl.pem', fingerprint: this.fingerprint, subject: `/OU=PVE Cluster Node/CN=${name}` },
      ]);
    }
    if (vmid === undefined) {
      const rows = Object.entries(node.guests).map(([id, smbios]) => {
        return { vmid: Number(id), name: `vm-${id}`, status: 'stopped', ...(smbios === null ? { template: 1 } : {}) };
      });
      return good(rows);
    }
    const smbios = node.guests[Number(vmid)];
    if (smbios === undefined) {
      const file = `Configuration file 'nodes/${name}/qemu-server/${vmid}.conf' does not exist`;
      return [500, file, JSON.stringify({ data: null, message: `${file}\n` })];
    }
    return good({ name: `vm-${vmid}`, cores: 2, memory: '2048', ...(smbios === '' ? {} : { smbios1: smbios }) });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => void this.#server.close(() => resolve()));
  }
}
