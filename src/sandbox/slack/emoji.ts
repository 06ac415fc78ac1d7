/**
 * The emoji that the emulator knows: enough for what people type and what apps react with. Slack knows about two thousand;
 * names by Slack's own list (iamcal). A name outside this set is refused as `invalid_name`, as a misspelt one would be.
 */

const TABLE = `
+1 👍|-1 👎|100 💯|alarm_clock ⏰|angry 😠|arrow_down ⬇️|arrow_left ⬅️|arrow_right ➡️|arrow_up ⬆️|
arrows_counterclockwise 🔄|ballot_box_with_check ☑️|beers 🍻|bell 🔔|black_square_button 🔲|blue_heart 💙|blush 😊|bomb 💣|
bookmark 🔖|boom 💥|broken_heart 💔|bug 🐛|bulb 💡|bust_in_silhouette 👤|cake 🍰|calendar 📆|call_me_hand 🤙|car 🚗|cat 🐱|
clap 👏|clock1 🕐|coffee ☕|computer 💻|confused 😕|construction 🚧|cry 😢|dart 🎯|dog 🐶|email 📧|envelope ✉️|
exclamation ❗|eyes 👀|face_with_rolling_eyes 🙄|fire 🔥|flag-de 🇩🇪|flag-fr 🇫🇷|flag-us 🇺🇸|gift 🎁|green_heart 💚|grimacing 😬|
grin 😁|grinning 😀|hand ✋|handshake 🤝|heart ❤️|heart_eyes 😍|heavy_check_mark ✔️|heavy_exclamation_mark ❗|
heavy_multiplication_x ✖️|heavy_plus_sign ➕|hourglass ⌛|hourglass_flowing_sand ⏳|house 🏠|hugging_face 🤗|inbox_tray 📥|
incoming_envelope 📨|information_source ℹ️|innocent 😇|iphone 📱|joy 😂|key 🔑|kissing_heart 😘|large_blue_circle 🔵|
large_green_circle 🟢|large_yellow_circle 🟡|link 🔗|lock 🔒|love_letter 💌|mag 🔍|mailbox 📫|memo 📝|
mobile_phone_off 📴|moneybag 💰|mute 🔇|neutral_face 😐|no_bell 🔕|no_entry ⛔|no_entry_sign 🚫|ok 🆗|ok_hand 👌|
open_mouth 😮|outbox_tray 📤|page_facing_up 📄|paperclip 📎|partying_face 🥳|pencil 📝|pencil2 ✏️|pensive 😔|phone ☎️|
pizza 🍕|point_down 👇|point_left 👈|point_right 👉|point_up ☝️|pray 🙏|pushpin 📌|question ❓|rage 😡|raised_hands 🙌|
recycle ♻️|red_circle 🔴|relaxed ☺️|relieved 😌|robot_face 🤖|rocket 🚀|rofl 🤣|rose 🌹|rotating_light 🚨|scream 😱|
seedling 🌱|see_no_evil 🙈|shrug 🤷|sleeping 😴|slightly_frowning_face 🙁|slightly_smiling_face 🙂|smile 😄|smiley 😃|
smirk 😏|snowflake ❄️|sob 😭|soon 🔜|sparkles ✨|speech_balloon 💬|star ⭐|star-struck 🤩|stopwatch ⏱️|
stuck_out_tongue 😛|sunflower 🌻|sunglasses 😎|sunny ☀️|sweat_smile 😅|tada 🎉|telephone_receiver 📞|thinking_face 🤔|
thread 🧵|ticket 🎫|trophy 🏆|truck 🚚|unlock 🔓|v ✌️|warning ⚠️|wave 👋|white_check_mark ✅|white_circle ⚪|
white_large_square ⬜|wink 😉|worried 😟|wrench 🔧|x ❌|yellow_heart 💛|yum 😋|zap ⚡|zipper_mouth_face 🤐|zzz 💤
`;

const ALIASES: Readonly<Record<string, string>> = {
  thumbsup: "+1",
  thumbsdown: "-1",
  raised_hand: "hand",
  telephone: "phone",
  collision: "boom",
  heavy_exclamation_mark: "exclamation",
  pencil: "memo",
};

export const EMOTICONS: Readonly<Record<string, string>> = {
  ":)": "slightly_smiling_face",
  ":-)": "slightly_smiling_face",
  ";)": "wink",
  ":D": "smile",
  ":(": "disappointed",
  "<3": "heart",
};

const CHARACTERS = new Map(
  `${TABLE}|disappointed 😞`.split("|").map((entry): [string, string] => {
    const [name = "", character = ""] = entry.trim().split(" ");
    return [name, character];
  }),
);
const NAMES = new Map(
  [...CHARACTERS].filter(([name]) => !(name in ALIASES)).map(([name, character]) => [bare(character), name]),
);
const TONES = ["🏻", "🏼", "🏽", "🏾", "🏿"];

/** The one name under which Slack keeps an emoji; undefined when there is none. Takes `+1::skin-tone-3` too. */
export function canonicalName(name: string): string | undefined {
  const [base = "", tone] = name.split("::");
  const known = ALIASES[base] ?? base;
  if (!CHARACTERS.has(known) || (tone !== undefined && !/^skin-tone-[2-6]$/.test(tone))) return undefined;
  return tone === undefined ? known : `${known}::${tone}`;
}

export function characterOf(name: string): string | undefined {
  const [base = "", tone] = (canonicalName(name) ?? "").split("::");
  const character = CHARACTERS.get(base);
  return character === undefined
    ? undefined
    : character + (tone === undefined ? "" : (TONES[Number(tone.at(-1)) - 2] ?? ""));
}

/** The name of a typed emoji, its skin tone as Slack writes it. */
export function nameOf(character: string): string | undefined {
  const tone = TONES.findIndex((mark) => character.includes(mark));
  const name = NAMES.get(bare(tone < 0 ? character : character.replace(TONES[tone] ?? "", "")));
  return name === undefined || tone < 0 ? name : `${name}::skin-tone-${tone + 2}`;
}

/** Typed and listed forms may differ in the mark that asks for the coloured picture. */
function bare(character: string): string {
  return character.replaceAll("\u{FE0F}", "");
}
