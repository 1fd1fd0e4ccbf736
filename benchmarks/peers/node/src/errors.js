const MESSAGES = {
  EVENT_001: '유효하지 않은 목적입니다. 신규 고객 유치, 재방문 유도, 매출 증대, 인지도 향상 중 하나를 선택하세요.',
  EVENT_002: '매장 정보가 누락되었습니다.',
  INVALID_STORE_INFO: '매장 정보가 올바르지 않습니다. 길이와 문자를 확인하세요.',
  MALFORMED_REQUEST: '요청 형식이 올바르지 않습니다.',
  BODY_TOO_LARGE: 'The body is too large.',
  STORAGE_UNAVAILABLE: '이벤트 초안을 저장하거나 읽을 수 없습니다. 잠시 후 다시 시도하세요.',
  PUBLISHER_UNAVAILABLE: '이벤트 발행이 확인되지 않았습니다.',
  INTERNAL_ERROR: '내부 오류가 발생했습니다.',
};

/** An error that the client is told: its code, and the fields at fault. */
export class ApiError extends Error {
  constructor(status, code, { fields = [], cause } = {}) {
    super(MESSAGES[code], { cause });
    this.status = status;
    this.code = code;
    this.fields = fields;
  }

  body() {
    return { code: this.code, message: this.message, ...(this.fields.length > 0 && { fields: this.fields }) };
  }
}
