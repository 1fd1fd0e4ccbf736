package eventdraft.peer;

/** The body, once it has been judged. */
record CreateRequest(long userId, String objective, String storeName, String industry, String address) {}
