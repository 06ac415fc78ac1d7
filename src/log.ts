/** The part of a logger that the rooms use; pino fits it. Never pass message text, full phone numbers or tokens. */
export interface Logger {
  debug(fields: object, msg: string): void;
  info(fields: object, msg: string): void;
  warn(fields: object, msg: string): void;
  error(fields: object, msg: string): void;
}
