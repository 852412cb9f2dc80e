// Who may talk to the server at all: against rebound DNS names, and pages of other origins that post with our cookie.

import { isIP } from 'node:net';

export type GuardSetting = {
  /** Where it listens, such as `127.0.0.1` or `0.0.0.0`. */
  readonly host: string;
  readonly publicUrl: string | null;
};

export type Guard = {
  /** Whether other machines may reach it: then everybody signs in. */
  readonly isExposed: boolean;
  /** @returns why a request with this Host header is not answered; null: it is */
  hostRefusal(host: string | undefined): string | null;
  /** @returns why a request that changes something, or reads with a cookie, is not answered; null: it is */
  originRefusal(request: {
    host: string | undefined;
    origin: string | undefined;
    site: string | undefined;
  }): string | null;
};

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|localhost|\[?::1\]?)$/iu;

export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

export function createGuard({ host: listening, publicUrl }: GuardSetting): Guard {
  const isExposed = !isLoopback(listening) || publicUrl !== null;
  const publicHost = publicUrl === null ? null : new URL(publicUrl).host;

  /** A name can be rebound to this machine by whoever owns it; an address cannot. */
  const isOurs = (host: string): boolean => {
    if (host.toLowerCase() === publicHost) return true;
    const name = nameOf(host);
    if (name === null) return false;
    if (isLoopback(name)) return true;
    return !isLoopback(listening) && (name.toLowerCase() === listening.toLowerCase() || isIP(unbracket(name)) !== 0);
  };

  return {
    isExposed,
    hostRefusal(host) {
      if (host !== undefined && isOurs(host)) return null;
      return 'Easel does not answer under this name. Whoever runs it can set EASEL_PUBLIC_URL to the address of this page.';
    },
    originRefusal({ host, origin, site }) {
      const other = 'This came from a page of another address, so it was refused.';
      if (site !== undefined && site !== 'same-origin' && site !== 'none') return other;
      // Not a browser: it sends no cookie that it was not told to send.
      if (origin === undefined) return null;
      if (publicUrl !== null && origin === new URL(publicUrl).origin) return null;
      return host !== undefined && isOurs(host) && hostOf(origin) === host.toLowerCase() ? null : other;
    },
  };
}

function nameOf(host: string): string | null {
  return /^(\[[0-9a-f:.]+\]|[^:/@\s]+)(?::\d{1,5})?$/iu.exec(host)?.[1] ?? null;
}

function unbracket(name: string): string {
  return name.replace(/^\[|\]$/gu, '');
}

function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null;
  }
}
