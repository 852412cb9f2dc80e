"""How captions are put together in the languages besides English: words and patterns, all of them true of the scene.

`{n}` is a thing's name, `{c}` a colour, `{x}` a thing with its colour, `{k}` a number, `{a}` and `{b}` two things, `{t}` a caption.
"""

from dataclasses import dataclass

from .colours import PALETTE


@dataclass(frozen=True)
class Language:
    colours: dict[str, list[str]]
    coloured: tuple[str, ...]
    numbers: tuple[str, str, str, str]  # two to five
    counted: tuple[str, ...]
    plural: str  # added to one-word names that end in a vowel; "" where nouns have none
    single: tuple[str, ...]
    relations: dict[str, tuple[str, ...]]
    plain: tuple[str, ...]  # backgrounds of one colour
    places: dict[str, str]
    place: str
    styles: dict[str, str]
    style: tuple[str, ...]


def _colours(words: str) -> dict[str, list[str]]:
    """One word (or several with /) for each colour of the palette, in its order."""
    return dict(zip(PALETTE, ([w.replace("_", " ") for w in word.split("/")] for word in words.split()), strict=True))


PLACES = ("night sky", "space", "meadow", "beach", "sea", "snow", "sunset", "desert", "forest", "city", "clouds")
STYLES = ("flat", "fluent", "3d", "twemoji", "noto", "emojione")


def _named(keys: tuple[str, ...], words: str) -> dict[str, str]:
    return dict(zip(keys, (w.strip() for w in words.split("|")), strict=True))


LANGUAGES: dict[str, Language] = {
    "zh": Language(
        colours=_colours("红色 橙色 黄色 绿色 青色 蓝色 紫色 粉色/粉红色 棕色 黑色 白色 灰色"),
        coloured=("{c}的{n}", "{c}的{n}", "{c}{n}"),
        numbers=("两", "三", "四", "五"),
        counted=("{k}个{x}", "{k}个{x}", "{k}只{x}"),
        plural="",
        single=("{x}", "{x}", "一个{x}", "一只{x}", "画一个{x}"),
        relations={
            "and": ("{a}和{b}", "{a}与{b}", "一个{a}和一个{b}"),
            "next to": ("{a}在{b}旁边", "{a}和{b}在一起"),
            "left of": ("{a}在{b}的左边", "{a}在{b}左边", "左边是{a},右边是{b}"),
            "right of": ("{a}在{b}的右边", "{a}在{b}右边", "左边是{b},右边是{a}"),
            "above": ("{a}在{b}的上面", "{a}在{b}上方", "{b}上方的{a}"),
            "below": ("{a}在{b}的下面", "{a}在{b}下方", "{b}下方的{a}"),
            "on": ("{a}站在{b}上", "{b}上的{a}"),
        },
        plain=("{t},{c}背景", "{t}，{c}背景", "{c}背景上的{t}"),
        places=_named(PLACES, "在夜空中|在太空中|在草地上|在海滩上|在海里|在雪地里|在日落时|在沙漠里|在森林里|在城市里|在天空中"),
        place="{p}的{t}",
        styles=_named(STYLES, "扁平|柔和|三维|推特|谷歌|emojione"),
        style=("{t},{s}风格", "{t}，{s}风格", "{s}风格的{t}"),
    ),
    "es": Language(
        colours=_colours("rojo/roja naranja amarillo/amarilla verde turquesa azul morado/morada/violeta rosa marrón negro/negra blanco/blanca gris"),
        coloured=("{n} {c}",),
        numbers=("dos", "tres", "cuatro", "cinco"),
        counted=("{k} {x}",),
        plural="s",
        single=("{x}", "{x}", "un emoji de {x}", "dibujo de {x}"),
        relations={
            "and": ("{a} y {b}", "{a} con {b}"),
            "next to": ("{a} al lado de {b}", "{a} junto a {b}"),
            "left of": ("{a} a la izquierda de {b}", "{b} a la derecha de {a}"),
            "right of": ("{a} a la derecha de {b}", "{b} a la izquierda de {a}"),
            "above": ("{a} encima de {b}", "{a} por encima de {b}", "{b} debajo de {a}"),
            "below": ("{a} debajo de {b}", "{b} encima de {a}"),
            "on": ("{a} sentado sobre {b}", "{a} sobre {b}"),
        },
        plain=("{t} sobre fondo {c}", "{t} con fondo {c}"),
        places=_named(PLACES, "de noche|en el espacio|en un prado|en la playa|en el mar|en la nieve|al atardecer|en el desierto|en el bosque|en la ciudad|en el cielo"),
        place="{t} {p}",
        styles=_named(STYLES, "plano|suave|3d|twemoji|noto|emojione"),
        style=("{t}, estilo {s}", "{t} en estilo {s}"),
    ),
    "fr": Language(
        colours=_colours("rouge orange jaune vert/verte turquoise bleu/bleue violet/violette rose marron noir/noire blanc/blanche gris/grise"),
        coloured=("{n} {c}",),
        numbers=("deux", "trois", "quatre", "cinq"),
        counted=("{k} {x}",),
        plural="s",
        single=("{x}", "{x}", "un emoji de {x}", "dessin de {x}"),
        relations={
            "and": ("{a} et {b}", "{a} avec {b}"),
            "next to": ("{a} à côté de {b}", "{a} près de {b}"),
            "left of": ("{a} à gauche de {b}", "{b} à droite de {a}"),
            "right of": ("{a} à droite de {b}", "{b} à gauche de {a}"),
            "above": ("{a} au-dessus de {b}", "{b} en dessous de {a}"),
            "below": ("{a} en dessous de {b}", "{a} sous {b}", "{b} au-dessus de {a}"),
            "on": ("{a} sur {b}", "{a} posé sur {b}"),
        },
        plain=("{t} sur fond {c}", "{t} avec un fond {c}"),
        places=_named(PLACES, "la nuit|dans l’espace|dans un pré|à la plage|dans la mer|dans la neige|au coucher du soleil|dans le désert|dans la forêt|en ville|dans le ciel"),
        place="{t} {p}",
        styles=_named(STYLES, "plat|doux|3d|twemoji|noto|emojione"),
        style=("{t}, style {s}", "{t} dans le style {s}"),
    ),
    "de": Language(
        colours=_colours("rot/roter/rote/rotes orange gelb/gelber/gelbe/gelbes grün/grüner/grüne/grünes türkis blau/blauer/blaue/blaues lila/violett rosa braun/brauner/braune/braunes "
                         "schwarz/schwarzer/schwarze/schwarzes weiß/weißer/weiße/weißes grau/grauer/graue/graues"),
        coloured=("{c} {n}",),
        numbers=("zwei", "drei", "vier", "fünf"),
        counted=("{k} {x}",),
        plural="",
        single=("{x}", "{x}", "ein bild von {x}", "emoji {x}"),
        relations={
            "and": ("{a} und {b}", "{a} mit {b}"),
            "next to": ("{a} neben {b}", "{a} bei {b}"),
            "left of": ("{a} links von {b}", "{b} rechts von {a}"),
            "right of": ("{a} rechts von {b}", "{b} links von {a}"),
            "above": ("{a} über {b}", "{b} unter {a}"),
            "below": ("{a} unter {b}", "{b} über {a}"),
            "on": ("{a} auf {b}", "{a} sitzt auf {b}"),
        },
        plain=("{t} auf {c}em hintergrund", "{t}, hintergrund {c}"),
        places=_named(PLACES, "bei nacht|im weltraum|auf der wiese|am strand|im meer|im schnee|bei sonnenuntergang|in der wüste|im wald|in der stadt|am himmel"),
        place="{t} {p}",
        styles=_named(STYLES, "flach|weich|3d|twemoji|noto|emojione"),
        style=("{t}, {s} stil", "{t} im stil {s}"),
    ),
    "ja": Language(
        colours=_colours("赤い/赤色の オレンジ色の 黄色い/黄色の 緑色の/緑の 青緑色の/水色の 青い/青色の 紫色の/紫の ピンクの/ピンク色の 茶色の/茶色い 黒い/黒色の 白い/白色の 灰色の"),
        coloured=("{c}{n}",),
        numbers=("二", "三", "四", "五"),
        counted=("{k}つの{x}", "{k}個の{x}", "{x}が{k}つ"),
        plural="",
        single=("{x}", "{x}", "{x}の絵", "{x}の絵文字"),
        relations={
            "and": ("{a}と{b}",),
            "next to": ("{b}の隣の{a}", "{b}のそばの{a}"),
            "left of": ("{b}の左の{a}", "{b}の左に{a}", "左に{a}、右に{b}"),
            "right of": ("{b}の右の{a}", "{b}の右に{a}", "左に{b}、右に{a}"),
            "above": ("{b}の上の{a}", "{b}の上に{a}", "上に{a}、下に{b}"),
            "below": ("{b}の下の{a}", "{b}の下に{a}", "上に{b}、下に{a}"),
            "on": ("{b}に乗った{a}",),
        },
        plain=("{t}、{c}背景", "{c}背景の{t}"),
        places=_named(PLACES, "夜空の|宇宙の|草原の|浜辺の|海の中の|雪の中の|夕日の|砂漠の|森の中の|街の|空の"),
        place="{p}{t}",
        styles=_named(STYLES, "フラット|やわらか|3d|twemoji|noto|emojione"),
        style=("{t}、{s}スタイル", "{s}スタイルの{t}"),
    ),
    "pt": Language(
        colours=_colours("vermelho/vermelha laranja amarelo/amarela verde turquesa azul roxo/roxa rosa marrom preto/preta branco/branca cinza"),
        coloured=("{n} {c}",),
        numbers=("dois", "três", "quatro", "cinco"),
        counted=("{k} {x}",),
        plural="s",
        single=("{x}", "{x}", "um emoji de {x}", "desenho de {x}"),
        relations={
            "and": ("{a} e {b}", "{a} com {b}"),
            "next to": ("{a} ao lado de {b}", "{a} perto de {b}"),
            "left of": ("{a} à esquerda de {b}", "{b} à direita de {a}"),
            "right of": ("{a} à direita de {b}", "{b} à esquerda de {a}"),
            "above": ("{a} acima de {b}", "{b} abaixo de {a}"),
            "below": ("{a} abaixo de {b}", "{a} embaixo de {b}", "{b} acima de {a}"),
            "on": ("{a} em cima de {b}", "{a} sobre {b}"),
        },
        plain=("{t} com fundo {c}", "{t} em fundo {c}"),
        places=_named(PLACES, "à noite|no espaço|no prado|na praia|no mar|na neve|ao pôr do sol|no deserto|na floresta|na cidade|no céu"),
        place="{t} {p}",
        styles=_named(STYLES, "plano|suave|3d|twemoji|noto|emojione"),
        style=("{t}, estilo {s}", "{t} no estilo {s}"),
    ),
    "ko": Language(
        colours=_colours("빨간색/빨간 주황색 노란색/노란 초록색/녹색 청록색 파란색/파란 보라색 분홍색 갈색 검은색/검은 흰색/하얀 회색"),
        coloured=("{c} {n}",),
        numbers=("두", "세", "네", "다섯"),
        counted=("{x} {k} 개", "{k} 개의 {x}"),
        plural="",
        single=("{x}", "{x}", "{x} 그림", "{x} 이모지"),
        relations={
            "and": ("{a} 그리고 {b}", "{a}, {b}"),
            "next to": ("{b} 옆의 {a}", "{b} 옆에 있는 {a}"),
            "left of": ("{b} 왼쪽의 {a}", "{b} 왼쪽에 {a}", "왼쪽에 {a}, 오른쪽에 {b}"),
            "right of": ("{b} 오른쪽의 {a}", "{b} 오른쪽에 {a}", "왼쪽에 {b}, 오른쪽에 {a}"),
            "above": ("{b} 위쪽의 {a}", "{b} 위에 {a}"),
            "below": ("{b} 아래쪽의 {a}", "{b} 아래에 {a}"),
            "on": ("{b} 위에 앉은 {a}",),
        },
        plain=("{c} 배경의 {t}", "{t}, {c} 배경"),
        places=_named(PLACES, "밤하늘의|우주의|풀밭의|해변의|바닷속의|눈 속의|해질녘의|사막의|숲속의|도시의|하늘의"),
        place="{p} {t}",
        styles=_named(STYLES, "플랫|부드러운|3d|twemoji|noto|emojione"),
        style=("{t}, {s} 스타일", "{s} 스타일의 {t}"),
    ),
}  # fmt: skip
