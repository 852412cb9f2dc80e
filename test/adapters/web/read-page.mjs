// Runs in the page: what a person sees of each message.

export function readPage() {
  const text = (element) => element?.textContent?.trim() ?? '';
  return [...document.querySelectorAll('[data-message]')].map((message) => ({
    id: message.dataset['message'] ?? '',
    state: message.dataset['kind'] ?? 'queued',
    author: text(message.querySelector('.message-head strong')),
    prompt: text(message.querySelector('.prompt')),
    alt: message.querySelector('.open img')?.alt ?? null,
    pictures: message.querySelectorAll('.open img').length,
    hasPreview: message.querySelector('.painted') !== null,
    buttons: [...message.querySelectorAll('.controls [data-kind]')].map(({ dataset }) => ({
      kind: dataset['kind'] ?? '',
      picture: dataset['picture'] ?? null,
      strength: dataset['strength'] ?? null,
    })),
    madeFrom: message.querySelector('.parent') === null ? null : text(message.querySelector('.parent')),
    isKept: message.querySelector('[data-kind="keep"]')?.getAttribute('aria-pressed') === 'true',
  }));
}
