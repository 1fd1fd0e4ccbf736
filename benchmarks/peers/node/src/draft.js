// What a draft is, and how it is written: to the cache, to the topic and to the client.

export const OBJECTIVES = ['신규 고객 유치', '재방문 유도', '매출 증대', '인지도 향상'];
export const WINDOW_MS = 30 * 60 * 1000; // in which a user has one draft in progress
export const DRAFT_TTL_S = 24 * 60 * 60;
export const WINDOW_TTL_S = WINDOW_MS / 1000;

export const TOPIC = 'event-topic';
const EVENT_TYPE = 'EventDraftCreated';

export const userKey = (userId) => `draft:event:${userId}`;
export const draftKey = (draft) => `draft:event:${draft.eventDraftId}`;

export const toCacheEntry = (draft) => JSON.stringify({ version: 1, ...draft });

/** The draft in progress that a cached value holds; null if it is none of this user's, or its window is over. */
export function fromCacheEntry(value, userId, now = Date.now()) {
  let entry;
  try {
    entry = JSON.parse(value);
  } catch {
    return null;
  }
  const { version, ...draft } = entry ?? {};
  const isInProgress = version === 1 && draft.userId === userId && draft.status === 'DRAFT' && OBJECTIVES.includes(draft.objective) &&
    Math.abs(now - Date.parse(draft.createdAt)) < WINDOW_MS;
  return isInProgress ? draft : null;
}

/** CloudEvents 1.0 in binary mode: the specification's payload, and nothing else in it. */
export function toEvent({ eventDraftId, userId, objective, createdAt }) {
  return {
    key: eventDraftId,
    headers: {
      ce_specversion: '1.0',
      ce_id: `${eventDraftId}.${EVENT_TYPE}`,
      ce_source: '/event-draft',
      ce_type: EVENT_TYPE,
      ce_time: createdAt,
      ce_subject: eventDraftId,
      'content-type': 'application/json',
    },
    payload: { eventDraftId, userId, objective, createdAt },
  };
}
