"""How the chat page looks and reads: colours of the other pages, the system's own fonts, the first words."""

from pathlib import Path
from typing import Final

import gradio as gr

CSS: Final = Path(__file__).with_name("chat.css")
PLAIN_LABELS: Final = Path(__file__).with_name("labels.js")
_FONTS: Final = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Arial", "sans-serif")
LINKS: Final = (
    '<nav class="kefu-links"><a class="kefu-brand" href="/"><img src="/static/favicon.svg" alt="">Kefu</a>'
    '<a href="/help" target="_blank">Help</a></nav>'
)
WELCOME: Final = (
    '<div class="kefu-welcome"><h1>Hello! How can I help?</h1>'
    "<p>Ask about an order, a return, delivery or a product, in your own words.</p></div>"
)
EXAMPLES: Final = (
    "Where is my order?",
    "How much is delivery?",
    "I want to send something back",
    "When is the Sheffield store open?",
)
_COLOURS: Final = {
    "body_background_fill": "#faf9f6",
    "body_background_fill_dark": "#121816",
    "body_text_color": "#1d2724",
    "body_text_color_dark": "#e8edea",
    "body_text_color_subdued": "#5a6662",
    "body_text_color_subdued_dark": "#a3b0ab",
    "background_fill_primary": "#ffffff",
    "background_fill_primary_dark": "#1a2220",
    "background_fill_secondary": "#f1f3ef",
    "background_fill_secondary_dark": "#26312d",
    "border_color_primary": "#e1e3de",
    "border_color_primary_dark": "#2c3834",
    "block_background_fill": "#ffffff",
    "block_background_fill_dark": "#1a2220",
    "input_background_fill": "#ffffff",
    "input_background_fill_dark": "#1a2220",
    "link_text_color": "#1f6f54",
    "link_text_color_dark": "#6cc3a0",
}


def make_theme() -> gr.themes.Base:
    """Make the theme; it names no font that would have to be fetched."""
    fonts = [gr.themes.Font(name) for name in _FONTS]
    theme = gr.themes.Base(
        primary_hue="emerald", neutral_hue="stone", radius_size="lg", text_size="lg", font=fonts,
        font_mono=[gr.themes.Font("ui-monospace"), gr.themes.Font("monospace")],
    )  # fmt: skip
    return theme.set(**_COLOURS)
