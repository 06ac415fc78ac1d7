/** The parts of Telegram's updates that the adapter reads (core.telegram.org/bots/api#update); everything else is let through. */
import * as z from "zod";

const chat = z.object({
  id: z.int(),
  type: z.enum(["private", "group", "supergroup", "channel"]),
  is_forum: z.boolean().optional(),
});

const user = z.object({
  id: z.int(),
  is_bot: z.boolean(),
  first_name: z.string(),
  last_name: z.string().optional(),
});

const entity = z.object({
  type: z.string(),
  offset: z.int(),
  length: z.int(),
  url: z.string().optional(),
});

const named = z.object({ file_name: z.string().optional() });

const message = z.object({
  message_id: z.int().nonnegative(),
  date: z.int(),
  edit_date: z.int().optional(),
  chat,
  from: user.optional(),
  sender_chat: chat.optional(),
  message_thread_id: z.int().optional(),
  is_topic_message: z.boolean().optional(),
  is_automatic_forward: z.boolean().optional(),
  forward_origin: z.unknown().optional(),
  reply_to_message: z.object({ message_id: z.int().nonnegative(), from: user.optional().catch(undefined) }).optional(),
  migrate_to_chat_id: z.int().optional(),
  migrate_from_chat_id: z.int().optional(),
  forum_topic_created: z.object({ name: z.string() }).optional().catch(undefined),
  forum_topic_reopened: z.unknown().optional(),
  text: z.string().optional(),
  entities: z.array(entity).optional(),
  caption: z.string().optional(),
  caption_entities: z.array(entity).optional(),
  animation: named.optional(),
  audio: named.optional(),
  document: named.optional(),
  video: named.optional(),
  checklist: z.unknown().optional(),
  contact: z.unknown().optional(),
  dice: z.unknown().optional(),
  game: z.unknown().optional(),
  giveaway: z.unknown().optional(),
  invoice: z.unknown().optional(),
  live_photo: z.unknown().optional(),
  location: z.unknown().optional(),
  paid_media: z.unknown().optional(),
  photo: z.unknown().optional(),
  poll: z.unknown().optional(),
  rich_message: z.unknown().optional(),
  sticker: z.unknown().optional(),
  story: z.unknown().optional(),
  venue: z.unknown().optional(),
  video_note: z.unknown().optional(),
  voice: z.unknown().optional(),
});

const callbackQuery = z.object({
  id: z.string(),
  from: user,
  /** Absent for buttons sent by inline mode; only the ids are there when the message is too old. */
  message: z.object({ message_id: z.int().nonnegative(), chat, text: z.string().optional() }).optional(),
  data: z.string().optional(),
});

const membership = z.object({
  chat,
  new_chat_member: z.object({ status: z.string(), is_member: z.boolean().optional() }),
});

export const UPDATE = z.object({
  update_id: z.int(),
  message: message.optional(),
  edited_message: message.optional(),
  callback_query: callbackQuery.optional(),
  my_chat_member: membership.optional(),
});

/** What is asked for; Telegram keeps the last list it was given, so it is named with every connection. */
export const ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"] as const;

export type WireChat = z.infer<typeof chat>;
export type WireUser = z.infer<typeof user>;
export type WireMessage = z.infer<typeof message>;
export type WireCallbackQuery = z.infer<typeof callbackQuery>;
export type WireMembership = z.infer<typeof membership>;
