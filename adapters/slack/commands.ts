/** The slash command: what the bridge is and how it is. Slash commands do not work inside threads. */
export function commandAnswer(unwell: string | undefined, notePrefix: string) {
  return {
    response_type: "ephemeral",
    mrkdwn: false,
    text: [
      "Each thread in a line's channel is a text conversation with one contact.",
      "• Reply in the thread to text back. A ✅ on your reply says that it was sent.",
      `• Begin with ${notePrefix} to write a note that only the team sees.`,
      "• Files are not sent: put a link into your reply instead.",
      unwell === undefined ? "Slack is connected." : `At the moment: ${unwell}`,
    ].join("\n"),
  } as const;
}
