/** What the bridge says in threads, in one place so that it speaks with one voice. */

export const SAY = {
  failed: (contact: string, text: string, reason: string) =>
    `Not delivered to ${contact}${quoted(text, ": ")}. ${reason}`,
  recovered: (count: number, first: string, last: string) =>
    `${count === 1 ? "1 text" : `${count} texts`} recovered, ${first === last ? first : `${first} to ${last}`}. ` +
    `No event brought ${count === 1 ? "it" : "them"} here, as when the bridge is stopped or cannot be reached; the PBX's list had ${count === 1 ? "it" : "them"}.`,
  mayHaveArrived:
    "The PBX gave no answer, twice, and does not list the text. Ask the contact, or look at the PBX, before you send it again.",
  unwanted: "It was changed or deleted where it was written before it surely left, so it is not tried again by itself.",
  withheld: "Whoever texted told no number, so nobody can be answered here. Nothing was sent.",
  carrierFailed: "The PBX reports that the text could not be delivered; it gives no reason.",
  phoneTextFailed: (contact: string) =>
    `A text to ${contact} from a desk phone or the PBX's app was not delivered, the PBX reports. Send it again from there, or here.`,
  looksLikeCommand: "This looks like a command, but is none here. Nothing was sent. Send it as a text, as it stands?",
  speaksToBot: "This begins by addressing the bot, not the contact. Nothing was sent. Send it as a text, as it stands?",
  speaksToColleagues: (notePrefix: string) =>
    "This begins by addressing a colleague, not the contact. Nothing was sent. Send it as a text, as it stands? " +
    `(What begins with ${notePrefix} is a note for colleagues alone.)`,
  held: (author: string, words: string) =>
    `${author} wrote ${quoted(words) || "a text"}, and is asked there whether to send it. Nothing was sent.`,
  about: (words: string, what: string) => (words === "" ? what : `${quoted(words)}: ${what}`),
  late: (agoMs: number) => `This was written ${agoInWords(agoMs)} ago. Nothing was sent. Still send it?`,
  refused: (reason: string) => `Not sent: ${reason.replace(/\.$/, "")}.`,
  /** Of what somebody did in a chat, by what that was. */
  undecided: {
    written: (words: string, reason: string) => `${SAY.about(words, "Nothing was sent.")} ${reason}`,
    edited: (words: string, reason: string) =>
      `${SAY.about(words, "This change was not taken up; the contact does not get it.")} ${reason}`,
    deleted: (_: string, reason: string) =>
      `The deletion of a post was not taken up; if it was a text, the contact gets or has it. ${reason}`,
    chosen: (_: string, reason: string) => `What was chosen by the button here was not taken up. ${reason}`,
  },
  filesAlone: (files: string) => `Nothing was sent: a text can carry no files. Not sent: ${files}. ${LINK_INSTEAD}`,
  filesWithReply: (files: string, words: string) =>
    `The contact gets the words alone, ${quoted(words)}: a text can carry no files. Not sent: ${files}. ${LINK_INSTEAD}`,
  filesWithQuestion: (files: string) =>
    `A text can carry no files: if you send it, the words go alone, without ${files}. ${LINK_INSTEAD}`,
  filesWithNote: (files: string) =>
    `Only this thread shows ${files}: copies of a note in other places are its words alone.`,
  doubtful: (contact: string, text: string, reason: string) =>
    `It may or may not have reached ${contact}${quoted(text, ": ")}. ${reason} Retry sends it only if the PBX does not have it.`,
  arrived: (contact: string, text: string) => `It reached ${contact} after all${quoted(text, ": ")}.`,
  partArrived: (contact: string, text: string) =>
    `A part of it reached ${contact} after all${quoted(text, ": ")}. Retry sends the rest.`,
  settledByArrival: "It arrived after all.",
  editTooLate: (contact: string, sent: Sent) =>
    `The text ${hadLeft(sent)}; ${whoHas(contact, sent)}. Send a correction if it matters.`,
  deleteTooLate: (contact: string, sent: Sent) =>
    `The text ${hadLeft(sent)}; deleting it here does not take it back: ${whoHas(contact, sent)}.`,
  edited: (author: string, before: string) =>
    `${author} changed ${quoted(before) || "a text"} before it was sent: the contact gets the new version.`,
  madeNote: (author: string, before: string) =>
    `${author} made ${quoted(before) || "a text"} a note before it was sent: the contact gets nothing.`,
  withdrawn: (author: string, words: string) => `${author} took a text back before it was sent${quoted(words, ": ")}.`,
  noteEdited: (text: string) => `(edited) ${text}`,
  noteToText: (author: string, words: string) =>
    `${author} changed a note to ${quoted(words)}, and is asked there whether it is a text now. Nothing was sent.`,
  noteGone: "This note was deleted where it was written.",
  wasNote: "This was a note, so nothing was sent. Send it as a text now?",
  wasNoText: "This was not sent before it was edited, and is not sent now. Send it as a text?",
  sentAgain: (name: string) => `${name} sent it again.`,
  takenUpAgain: (name: string) => `${name} tried it again.`,
  triedAgain: (name: string) => `${name} tried again: it is sent only if the PBX does not have it.`,
  hadArrived: (name: string) => `${name} tried again, but the PBX has it: it is not sent again.`,
  sentAnyway: (name: string) => `${name} sent it as a text.`,
  discarded: (name: string) => `${name} did not send it.`,
  notTriedAgain: (name: string) => `${name} discarded it: it is not tried again.`,
  changedSince: "This was changed or taken back before it was sent.",
  choiceGone: "This was decided already, or its text is no longer kept. Write it again if it matters.",
  notShownYet: (what: string, text: string, platform: string, reason: string) =>
    `${what}${quoted(text, ", ")}${text === "" ? "" : ","} cannot be shown in ${platform} yet: ${reason.replace(/\.$/, "")}. It is kept, and shown there once that is mended.`,
  notShown: (what: string, text: string, platform: string, reason: string) =>
    `${what}${quoted(text, ", ")}${text === "" ? "" : ","} could not be shown in ${platform}: ${reason.replace(/\.$/, "")}. It is kept; see \`queue list\`.`,
} as const;

const LINK_INSTEAD = "Send a link instead.";

/** What left of a changed or deleted text. `words`: empty when they are no longer kept. `sure`: the PBX has it. */
export interface Sent {
  readonly words: string;
  readonly sure: boolean;
}

function hadLeft({ sure }: Sent): string {
  return sure ? "had already been sent" : "may have been sent already";
}

/** Word for word: where a text was changed or deleted, this is the only place that still has what left. */
function whoHas(contact: string, { words, sure }: Sent): string {
  const sent = words === "" ? "the first version, whose words are no longer kept here" : `“${words}”`;
  return sure ? `the contact still has ${sent}` : `${contact} gets ${sent}, if it arrives`;
}

/** In quotation marks after `before`; nothing for no words. */
function quoted(text: string, before = ""): string {
  return text === "" ? "" : `${before}“${beginningOf(text)}”`;
}

function agoInWords(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`;
}

/** Enough of a text to know which one is meant. */
function beginningOf(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  const characters = Array.from(new Intl.Segmenter().segment(line), ({ segment }) => segment);
  return characters.length <= 40 ? line : `${characters.slice(0, 39).join("")}…`;
}
