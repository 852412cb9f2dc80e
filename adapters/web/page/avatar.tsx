// A person as a colour and a letter: the colour comes from the id, so it is the same on every page.

const HUES = 12;

export function Avatar({ id, name }: { id: string; name: string }) {
  let sum = 0;
  for (const sign of id) sum = (sum * 31 + (sign.codePointAt(0) ?? 0)) % 9_973;
  return (
    <span class={`avatar hue-${sum % HUES}`} aria-hidden="true">
      {[...name][0]?.toUpperCase() ?? '?'}
    </span>
  );
}
