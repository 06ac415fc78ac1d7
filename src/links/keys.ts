/** The keys of links, built and taken apart here only: a platform's name and a chat's id hold no spaces. */
import type { Place } from "../message.js";

export function on(platform: string, id: string): string {
  return `${platform} ${id}`;
}

export function inPlace({ platform, chat }: Place, id: string): string {
  return `${platform} ${chat} ${id}`;
}

export function readOn(key: string): { readonly platform: string; readonly id: string } {
  const [, platform = "", id = ""] = /^(\S+) (.*)$/s.exec(key) ?? [];
  return { platform, id };
}

export function readInPlace(key: string): { readonly place: Place; readonly id: string } {
  const [, platform = "", chat = "", id = ""] = /^(\S+) (\S+) (.*)$/s.exec(key) ?? [];
  return { place: { platform, chat }, id };
}
