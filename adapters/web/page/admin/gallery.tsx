// Pictures of this place: search, family, keep, delete.

import { useSignal } from '@preact/signals';
import type { WireItem, WireTree } from '../../admin/wire.ts';
import { Dialog } from '../dialog.tsx';
import { Icon } from '../icons.tsx';
import { api } from './api.ts';
import { formatDate } from './format.ts';
import { attempt, usePages, wordsOf } from './load.ts';
import { Empty, Problem } from './parts.tsx';
import { say } from './state.ts';

export function Gallery() {
  const search = useSignal('');
  const asked = useSignal('');
  const isKept = useSignal(false);
  const open = useSignal<WireTree | null>(null);
  const pages = usePages(
    (before) => api.gallery({ search: asked.value, kept: isKept.value ? '1' : null, before }),
    [asked.value, isKept.value],
  );
  const { items } = pages;
  const show = async (id: string) => {
    try {
      open.value = await api.tree(id);
    } catch (thrown) {
      say(wordsOf(thrown));
    }
  };
  return (
    <div class="stack">
      <search>
        <form
          class="form is-line"
          onSubmit={(event) => {
            event.preventDefault();
            asked.value = search.value;
          }}
        >
          <label>
            <span>Words of the prompt</span>
            <input
              type="search"
              value={search.value}
              onInput={(event) => {
                search.value = event.currentTarget.value;
              }}
            />
          </label>
          <button type="submit" class="button is-main">
            Search
          </button>
          <label class="check">
            <input
              type="checkbox"
              checked={isKept.value}
              onChange={(event) => {
                isKept.value = event.currentTarget.checked;
              }}
            />
            <span>kept ones only</span>
          </label>
        </form>
      </search>
      <Problem text={pages.problem.value} />
      {pages.isLoaded && items.length === 0 && <Empty>No picture fits this.</Empty>}
      <ul class="grid" aria-label="Pictures">
        {items.map((item) => (
          <li key={item.id}>
            <Tile item={item} onOpen={() => void show(item.id).catch(() => {})} />
          </li>
        ))}
      </ul>
      {pages.hasMore && (
        <button type="button" class="button more" onClick={pages.more}>
          Older ones
        </button>
      )}
      {open.value !== null && (
        <Details
          tree={open.value}
          onShow={(id) => void show(id).catch(() => {})}
          onClose={() => {
            open.value = null;
          }}
          again={pages.again}
        />
      )}
    </div>
  );
}

function Tile({ item, onOpen }: { item: WireItem; onOpen: () => void }) {
  const first = item.pictures[0];
  return (
    <button type="button" class="tile" onClick={onOpen}>
      {first === undefined ? (
        <span class="tile-blank" />
      ) : (
        <img src={first.url} alt={item.prompt} width={256} height={256} loading="lazy" />
      )}
      <span class="tile-text">
        <strong>{item.prompt}</strong>
        <span>
          {item.who.name}
          {item.kept ? ' · kept' : ''}
          {item.pictures.length > 1 ? ` · ${item.pictures.length} pictures` : ''}
        </span>
      </span>
    </button>
  );
}

function Details({
  tree,
  onShow,
  onClose,
  again,
}: {
  tree: WireTree;
  onShow: (id: string) => void;
  onClose: () => void;
  again: () => void;
}) {
  const { self, ancestors, children } = tree;
  const isSure = useSignal(false);
  const keep = async () => {
    if (!(await attempt(() => api.keep(self.id, !self.kept), self.kept ? 'Not kept any more.' : 'Kept.'))) return;
    again();
    onShow(self.id);
  };
  const remove = async () => {
    if (!(await attempt(() => api.remove(self.id), 'Deleted, with its message.'))) return;
    again();
    onClose();
  };
  return (
    <Dialog label={`Picture: ${self.prompt}`} className="details" onClose={onClose}>
      <header class="details-head">
        <h2>{self.prompt}</h2>
        <button type="button" class="icon-button" aria-label="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <p class="card-note">
        {self.who.name} · {formatDate(self.createdAtMs)} · {self.model} · seed {self.seed}
      </p>
      <div class="details-pictures">
        {self.pictures.map(({ index, url }) => (
          <img key={index} src={url} alt={`${self.prompt}, no. ${index + 1}`} width={256} height={256} />
        ))}
      </div>
      <Family title="Made from" items={ancestors} onShow={onShow} />
      <Family title="Made from this" items={children} onShow={onShow} />
      <span class="buttons">
        <button type="button" class="button" onClick={() => void keep().catch(() => {})}>
          <Icon name="keep" isFilled={self.kept} />
          {self.kept ? 'Let it go' : 'Keep'}
        </button>
        {isSure.value ? (
          <button type="button" class="button is-danger" onClick={() => void remove().catch(() => {})}>
            Yes, delete it for everyone
          </button>
        ) : (
          <button
            type="button"
            class="button is-danger"
            onClick={() => {
              isSure.value = true;
            }}
          >
            <Icon name="remove" />
            Delete
          </button>
        )}
      </span>
    </Dialog>
  );
}

function Family({ title, items, onShow }: { title: string; items: readonly WireItem[]; onShow: (id: string) => void }) {
  if (items.length === 0) return null;
  return (
    <section class="family" aria-label={title}>
      <h3>{title}</h3>
      <ul>
        {items.map((item) => (
          <li key={item.id}>
            <button type="button" onClick={() => onShow(item.id)}>
              {item.pictures[0] !== undefined && (
                <img src={item.pictures[0].url} alt="" width={56} height={56} loading="lazy" />
              )}
              <span>{item.prompt}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
