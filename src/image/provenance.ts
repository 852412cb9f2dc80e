/** What a picture says about its origin: PNG text, and XMP in every format that has it. */
import { crc32 } from 'node:zlib';

/** Where a picture came from. Leave the prompt null where it is private. */
export type Provenance = {
  prompt: string | null;
  seed: number;
  pictureIndex: number;
  model: string;
  modelHash: string | null;
  /** Such as `Easel 0.1.0`. */
  software: string;
};

const SIGNATURE_BYTES = 8;
const IHDR_CHUNK_BYTES = 25;
// The word of the IPTC for pictures that a trained model drew.
const TRAINED_ALGORITHMIC_MEDIA = 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia';

/**
 * A copy of a PNG with provenance as text chunks (`Software`, `Description`, `Easel` with all of it as JSON) and XMP.
 *
 * Pixels are not touched.
 */
export function withPngProvenance(png: Uint8Array, provenance: Provenance): Uint8Array {
  const texts: [string, string][] = [
    ['Software', provenance.software],
    ...(provenance.prompt === null ? [] : [['Description', provenance.prompt] as [string, string]]),
    ['Easel', JSON.stringify(provenance)],
    ['XML:com.adobe.xmp', toXmp(provenance)],
  ];
  const head = SIGNATURE_BYTES + IHDR_CHUNK_BYTES;
  return Buffer.concat([
    png.subarray(0, head),
    ...texts.map(([key, text]) => textChunk(key, text)),
    png.subarray(head),
  ]);
}

/** The provenance a PNG carries, or null. Damaged text counts as none. */
export function readPngProvenance(png: Uint8Array): Provenance | null {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength);
  for (let at = SIGNATURE_BYTES; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (type === 'iTXt' && data.subarray(0, 6).toString('latin1') === 'Easel\0') {
      try {
        return JSON.parse(data.subarray(ITXT_PREFIX_BYTES + 'Easel'.length).toString('utf8')) as Provenance;
      } catch {
        return null;
      }
    }
    at += 12 + length;
  }
  return null;
}

/** The same as an XMP packet, for JPEG and WebP. */
export function toXmp(provenance: Provenance): string {
  const { prompt, seed, pictureIndex, model, modelHash, software } = provenance;
  const description =
    prompt === null
      ? ''
      : `<dc:description><rdf:Alt><rdf:li xml:lang="x-default">${escapeXml(prompt)}</rdf:li></rdf:Alt></dc:description>`;
  return [
    '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>',
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"',
    ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:easel="urn:easel:provenance">',
    `<xmp:CreatorTool>${escapeXml(software)}</xmp:CreatorTool>`,
    `<Iptc4xmpExt:DigitalSourceType>${TRAINED_ALGORITHMIC_MEDIA}</Iptc4xmpExt:DigitalSourceType>`,
    `<easel:model>${escapeXml(model)}</easel:model>`,
    modelHash === null ? '' : `<easel:modelHash>${escapeXml(modelHash)}</easel:modelHash>`,
    `<easel:seed>${seed}</easel:seed><easel:pictureIndex>${pictureIndex}</easel:pictureIndex>`,
    `${description}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>`,
  ].join('');
}

// keyword, then: NUL, compression flag 0, method 0, empty language NUL, empty translated keyword NUL
const ITXT_PREFIX_BYTES = 5;

function textChunk(keyword: string, text: string): Buffer {
  const data = Buffer.concat([
    Buffer.from(keyword, 'latin1'),
    Buffer.alloc(ITXT_PREFIX_BYTES),
    Buffer.from(text, 'utf8'),
  ]);
  const typed = Buffer.concat([Buffer.from('iTXt', 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, check]);
}

function escapeXml(text: string): string {
  // XML 1.0 has no place for most control characters, not even escaped.
  const clean = Array.from(text, (char) => (char < ' ' && !'\t\n\r'.includes(char) ? ' ' : char)).join('');
  return clean.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
