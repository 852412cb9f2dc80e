/** Components of a message: what Discord refuses in them though its schema lets it pass, and how it writes them back. */
import { type APIMessageTopLevelComponent, ButtonStyle, ComponentType } from 'discord-api-types/v10';

/** A component as it comes in a request, checked by the schema before: of any kind. */
export type RawComponent = {
  type: ComponentType;
  id?: number | null;
  custom_id?: string | null;
  components?: RawComponent[];
  accessory?: RawComponent;
  component?: RawComponent;
  items?: { media: { url: string }; description?: string | null; spoiler?: boolean | null }[];
  media?: { url: string };
  file?: { url: string };
  content?: string;
  description?: string | null;
  spoiler?: boolean | null;
  accent_color?: number | null;
  divider?: boolean | null;
  spacing?: number | null;
  style?: number;
  label?: string | null;
  url?: string | null;
  sku_id?: string | null;
  emoji?: { id?: string | null; name?: string | null } | null;
  disabled?: boolean | null;
  placeholder?: string | null;
  min_values?: number | null;
  max_values?: number | null;
  options?: {
    label: string;
    value: string;
    description?: string | null;
    emoji?: RawComponent['emoji'];
    default?: boolean | null;
  }[];
  default_values?: unknown[];
  channel_types?: number[];
};

const SELECTS: readonly ComponentType[] = [
  ComponentType.StringSelect,
  ComponentType.UserSelect,
  ComponentType.RoleSelect,
  ComponentType.MentionableSelect,
  ComponentType.ChannelSelect,
];
const EMOJI =
  /^(?:\p{Extended_Pictographic}|\p{RI}{2}|[\d#*]\uFE0F?\u20E3)(?:\p{M}|\p{Emoji_Modifier}|\u200D|\p{Extended_Pictographic})*$/u;
const ROWS_MAX = 5;
const BUTTONS_MAX = 5;
const COMPONENTS_MAX = 40;
const TEXT_MAX = 4_000;

export function isEmoji(name: string): boolean {
  return EMOJI.test(name);
}

/** Every component, the outer before what is in it. */
export function everyComponent(components: readonly RawComponent[]): RawComponent[] {
  return components.flatMap((component) => [
    component,
    ...everyComponent(component.components ?? []),
    ...everyComponent([component.accessory, component.component].filter((each) => each !== undefined)),
  ]);
}

/** @param isV2 whether the message carries the flag IS_COMPONENTS_V2 */
export function problemsOfComponents(components: readonly RawComponent[], isV2: boolean): readonly string[] {
  const all = everyComponent(components);
  const problems = all.flatMap((component) => problemsOfOne(component));
  const ids = all.map(({ custom_id }) => custom_id ?? '').filter((id) => id !== '');
  if (new Set(ids).size !== ids.length) problems.push('components: Component custom id cannot be duplicated');
  const numbers = all.map(({ id }) => id ?? 0).filter((id) => id !== 0);
  if (new Set(numbers).size !== numbers.length) problems.push('components: Component id cannot be duplicated');
  if (!isV2) {
    if (components.some(({ type }) => type !== ComponentType.ActionRow))
      problems.push('components: The specified component type is invalid in this context');
    if (components.length > ROWS_MAX) problems.push(`components: Must be ${ROWS_MAX} or fewer in length`);
    return problems;
  }
  if (all.length > COMPONENTS_MAX)
    problems.push(`components: The maximum number of components in a message is ${COMPONENTS_MAX}`);
  const textLength = all.reduce(
    (sum, { type, content }) => sum + (type === ComponentType.TextDisplay ? (content ?? '').length : 0),
    0,
  );
  if (textLength > TEXT_MAX) problems.push(`components: The displayable text exceeds ${TEXT_MAX} characters`);
  return problems;
}

function problemsOfOne(component: RawComponent): string[] {
  if (component.type === ComponentType.ActionRow) return problemsOfRow(component.components ?? []);
  if (component.type === ComponentType.Button) return problemsOfButton(component);
  if (SELECTS.includes(component.type)) return problemsOfSelect(component);
  if (component.type === ComponentType.TextDisplay && (component.content ?? '').length === 0)
    return ['components: a text display must have content'];
  return [];
}

function problemsOfRow(components: readonly RawComponent[]): string[] {
  const selects = components.filter(({ type }) => SELECTS.includes(type)).length;
  if (selects > 0 && components.length > 1) return ['components: a select fills its row'];
  if (components.length > BUTTONS_MAX) return [`components: Must be ${BUTTONS_MAX} or fewer in length`];
  return [];
}

function problemsOfButton({ style, custom_id, url, sku_id, label, emoji }: RawComponent): string[] {
  const problems: string[] = [];
  const has = (text: string | null | undefined) => text !== undefined && text !== null && text !== '';
  const isPlain = style !== ButtonStyle.Link && style !== ButtonStyle.Premium;
  if (isPlain !== has(custom_id))
    problems.push(isPlain ? 'components: A custom id is required' : 'components: a link has no custom id');
  if ((style === ButtonStyle.Link) !== has(url))
    problems.push('components: A url is required for links and for nothing else');
  if ((style === ButtonStyle.Premium) !== has(sku_id)) problems.push('components: only premium buttons have a sku');
  if (style !== ButtonStyle.Premium && !has(label) && (emoji ?? null) === null)
    problems.push('components: A button must have a label or an emoji');
  return [...problems, ...problemsOfEmoji(emoji)];
}

function problemsOfSelect({ min_values, max_values, options }: RawComponent): string[] {
  const problems = (options ?? []).flatMap(({ emoji }) => problemsOfEmoji(emoji));
  const [min, max] = [min_values ?? 1, max_values ?? 1];
  if (min > max) problems.push('components: min_values is above max_values');
  if (options === undefined) return problems;
  if (options.length < 1 || options.length > 25) problems.push('components: Must be between 1 and 25 in length');
  if (max > options.length) problems.push('components: max_values is above the number of options');
  if (new Set(options.map(({ value }) => value)).size !== options.length)
    problems.push('components: The specified option value is already used');
  if (options.filter((option) => option.default === true).length > max)
    problems.push('components: more defaults than may be chosen');
  return problems;
}

function problemsOfEmoji(emoji: RawComponent['emoji']): string[] {
  if (emoji === null || emoji === undefined || (emoji.id ?? null) !== null) return [];
  return isEmoji(emoji.name ?? '') ? [] : [`components: Invalid emoji ${emoji.name}`];
}

export type Media = {
  url: string;
  widthPx: number | null;
  heightPx: number | null;
  mediaType: string | null;
  attachmentId: string | null;
};

/**
 * As Discord writes components back: numbered, with every default said and media resolved.
 *
 * @param mediaOf null: no attachment of that name is in the message
 */
export function toComponents(
  components: readonly RawComponent[],
  mediaOf: (url: string) => Media | null,
  newId: () => string,
): { components: APIMessageTopLevelComponent[]; problems: readonly string[] } {
  const problems: string[] = [];
  const taken = new Set(everyComponent(components).map(({ id }) => id ?? 0));
  let last = 0;
  const nextNumber = () => {
    do last += 1;
    while (taken.has(last));
    return last;
  };
  const media = ({ url }: { url: string }) => {
    const found = mediaOf(url);
    if (found === null) problems.push(`components: unknown attachment ${url}`);
    return {
      id: newId(),
      url: found?.url ?? url,
      proxy_url: found?.url ?? url,
      width: found?.widthPx ?? null,
      height: found?.heightPx ?? null,
      content_type: found?.mediaType ?? null,
      ...(found?.attachmentId ? { attachment_id: found.attachmentId } : {}),
    };
  };
  const write = (component: RawComponent): Record<string, unknown> => {
    const base = { type: component.type, id: component.id || nextNumber() };
    const spoiler = component.spoiler ?? false;
    const description = component.description ?? null;
    switch (component.type) {
      case ComponentType.ActionRow:
        return { ...base, components: (component.components ?? []).map(write) };
      case ComponentType.Container:
        return {
          ...base,
          accent_color: component.accent_color ?? null,
          spoiler,
          components: (component.components ?? []).map(write),
        };
      case ComponentType.Section:
        return {
          ...base,
          components: (component.components ?? []).map(write),
          ...(component.accessory === undefined ? {} : { accessory: write(component.accessory) }),
        };
      case ComponentType.MediaGallery:
        return {
          ...base,
          items: (component.items ?? []).map((item) => ({
            media: media(item.media),
            description: item.description ?? null,
            spoiler: item.spoiler ?? false,
          })),
        };
      case ComponentType.Thumbnail:
        return { ...base, media: media(component.media ?? { url: '' }), description, spoiler };
      case ComponentType.File: {
        const file = media(component.file ?? { url: '' });
        return { ...base, file, spoiler, name: file.url.split('/').at(-1)?.split('?')[0] ?? null, size: null };
      }
      case ComponentType.TextDisplay:
        return { ...base, content: component.content };
      case ComponentType.Separator:
        return { ...base, divider: component.divider ?? true, spacing: component.spacing ?? 1 };
      case ComponentType.Button:
        return {
          ...base,
          ...present(component, ['style', 'custom_id', 'label', 'url', 'sku_id', 'disabled', 'emoji']),
        };
      default:
        return {
          ...base,
          ...present(component, ['custom_id', 'placeholder', 'disabled', 'default_values', 'channel_types']),
          min_values: component.min_values ?? 1,
          max_values: component.max_values ?? 1,
          ...(component.options === undefined
            ? {}
            : {
                options: component.options.map((option) =>
                  present(option, ['label', 'value', 'description', 'emoji', 'default']),
                ),
              }),
        };
    }
  };
  const written = components.map(write) as unknown as APIMessageTopLevelComponent[];
  return { components: written, problems };
}

/** Those of the keys that say something. */
function present<T extends object>(from: T, keys: readonly (keyof T)[]): Partial<T> {
  return Object.fromEntries(
    keys.map((key) => [key, from[key]]).filter(([, value]) => value !== undefined && value !== null),
  ) as Partial<T>;
}
