// Relay paging as the provider does it: `first` at most the page limit, opaque cursors, `pageInfo.hasNextPage`.
// The limit is the caller's to choose, so that a test can make every list need a second page.

import { GraphQLError } from 'graphql';

export interface Page {
  readonly first?: number | null;
  readonly after?: string | null;
}

export interface Connection<T> {
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

const cursorOf = (id: string) => Buffer.from(`cursor:${id}`).toString('base64');

export function connectionOf<In extends { readonly id: string }, Out>(
  items: readonly In[],
  page: Page,
  pageMax: number,
  view: (item: In) => Out,
): Connection<Out> {
  const after = page.after ?? null;
  const start = after === null ? 0 : items.findIndex((item) => cursorOf(item.id) === after) + 1;
  if (after !== null && start === 0) throw new GraphQLError('Invalid cursor');
  const count = Math.min(page.first ?? pageMax, pageMax);
  if (count < 0) throw new GraphQLError('first must not be negative');
  const edges = items.slice(start, start + count).map((item) => ({ cursor: cursorOf(item.id), node: view(item) }));
  return {
    edges,
    pageInfo: {
      hasNextPage: start + count < items.length,
      hasPreviousPage: start > 0,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
