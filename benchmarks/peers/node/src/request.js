// Reads and judges the body of a create request.
import { isUtf8 } from 'node:buffer';

import { OBJECTIVES } from './draft.js';
import { ApiError } from './errors.js';

const TEXTS = ['objective', 'storeName', 'industry', 'address'];
const MOST_CODE_POINTS = { storeName: 100, industry: 50, address: 200 };
const BLANK = /^\p{White_Space}*$/u;
const AROUND = /^\p{White_Space}+|\p{White_Space}+$/gu;
const CONTROL = /\p{Cc}/u;

const malformed = (fields) => new ApiError(400, 'MALFORMED_REQUEST', { fields });

function parse(bytes) {
  if (!bytes || !isUtf8(bytes)) throw malformed();
  try {
    return JSON.parse(bytes.toString());
  } catch {
    throw malformed();
  }
}

function parseObjective(text) {
  if (OBJECTIVES.includes(text)) return text; // as nearly everybody sends it
  const label = text.replace(AROUND, '').normalize('NFC');
  if (OBJECTIVES.includes(label)) return label;
  throw new ApiError(400, 'EVENT_001');
}

/** No text has more code points than UTF-16 units, so most need not be counted. */
const isTooLong = (text, most) => text.length > most && [...text].length > most;

function checkStore(store) {
  const fields = Object.keys(MOST_CODE_POINTS);
  const missing = fields.filter((field) => BLANK.test(store[field]));
  if (missing.length > 0) throw new ApiError(400, 'EVENT_002', { fields: missing });
  const invalid = fields.filter((field) => CONTROL.test(store[field]) || isTooLong(store[field], MOST_CODE_POINTS[field]));
  if (invalid.length > 0) throw new ApiError(400, 'INVALID_STORE_INFO', { fields: invalid });
}

/** @returns {{userId: number, objective: string, storeName: string, industry: string, address: string}} */
export function parseCreateRequest(bytes) {
  const body = parse(bytes);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw malformed(['userId']);
  const faults = TEXTS.filter((name) => body[name] != null && typeof body[name] !== 'string');
  if (!Number.isSafeInteger(body.userId) || body.userId <= 0) faults.unshift('userId');
  if (faults.length > 0) throw malformed(faults);

  const { userId, objective, storeName, industry, address } = body;
  const command = { userId, objective: parseObjective(objective ?? ''), storeName: storeName ?? '', industry: industry ?? '', address: address ?? '' };
  checkStore(command);
  return command;
}
