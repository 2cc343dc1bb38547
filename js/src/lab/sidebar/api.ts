/** The one file that speaks to the server extension. */

import type { Board, Endpoint, HistoryEntry, Model, Page, Verdict, Version } from './wire';

/** Sends a request below the server's base address; JupyterLab's adds token and XSRF header. */
export type Send = (path: string, init: RequestInit) => Promise<Response>;

export class ServerTrouble extends Error {
  constructor(
    message: string,
    readonly kind: 'missing' | 'other-version' | 'refused',
    readonly fix: string
  ) {
    super(message);
  }
}

const FIX_MISSING = 'pip install mlops-magics   (where Jupyter runs), then: jupyter server extension enable mlops_magics';
const PAGE = 500;

export class Api {
  constructor(
    private readonly send: Send,
    private readonly version: string
  ) {}

  async boards(): Promise<readonly Board[]> {
    return (await this.get('boards'))['boards'] as Board[];
  }

  async models(board: string, query: string, offset: number): Promise<Page<Model>> {
    const search = query ? `&query=${encodeURIComponent(query)}` : '';
    return this.page('models', `${at('boards', board)}/models?offset=${offset}&limit=${PAGE}${search}`);
  }

  async versions(board: string, name: string, offset: number): Promise<Page<Version>> {
    return this.page('versions', `${at('boards', board, 'models', name)}/versions?offset=${offset}&limit=${PAGE}`);
  }

  async history(board: string, name: string): Promise<readonly HistoryEntry[]> {
    return (await this.get(`${at('boards', board, 'models', name)}/history`))['history'] as HistoryEntry[];
  }

  async verdicts(board: string, name: string): Promise<readonly Verdict[]> {
    return (await this.get(`${at('boards', board, 'models', name)}/verdicts`))['verdicts'] as Verdict[];
  }

  async endpoints(): Promise<readonly Endpoint[]> {
    return (await this.get('endpoints'))['endpoints'] as Endpoint[];
  }

  async promote(board: string, name: string, version: string, alias: string): Promise<void> {
    await this.post(`${at('boards', board, 'models', name, 'aliases', alias)}/promote`, { version });
  }

  async rollback(board: string, name: string, alias: string): Promise<void> {
    await this.post(`${at('boards', board, 'models', name, 'aliases', alias)}/rollback`, {});
  }

  async act(verb: 'stop' | 'restart', endpoint: Endpoint): Promise<void> {
    await this.post(`${at('endpoints', endpoint.board_key, endpoint.name)}/${verb}`, {});
  }

  async swap(endpoint: Endpoint, version: string): Promise<void> {
    await this.post(`${at('endpoints', endpoint.board_key, endpoint.name)}/swap`, { version });
  }

  private async page<T>(kind: string, path: string): Promise<Page<T>> {
    const told = await this.get(path);
    return { items: told[kind] as T[], total: told['total'] as number };
  }

  private get(path: string): Promise<Record<string, unknown>> {
    return this.ask(path, { method: 'GET' });
  }

  private post(path: string, body: object): Promise<Record<string, unknown>> {
    return this.ask(path, { method: 'POST', body: JSON.stringify(body) });
  }

  private async ask(path: string, init: RequestInit): Promise<Record<string, unknown>> {
    const response = await this.send(path, init);
    const told: unknown = await response.json().catch(() => null);
    if (!isRecord(told) || typeof told['server_version'] !== 'string') {
      throw new ServerTrouble('The server part of mlops-magics does not answer.', 'missing', FIX_MISSING);
    }
    this.compare(told['server_version']);
    if (!response.ok) {
      throw new ServerTrouble(String(told['message']), 'refused', '');
    }
    return told;
  }

  private compare(server: string): void {
    if (server !== this.version) {
      throw new ServerTrouble(
        `This panel is mlops-magics ${this.version}, its server part is ${server}.`,
        'other-version',
        `pip install mlops-magics==${this.version}   (where Jupyter runs), restart Jupyter and reload this page`
      );
    }
  }
}

function at(...parts: readonly string[]): string {
  return parts.map(encodeURIComponent).join('/');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
