"""Invented names: a surname and a given name of the generation, drawn so that no name is taken twice."""

from __future__ import annotations

from random import Random

_SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余"
    "于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金"
)
_RARE_SURNAMES = ("欧阳", "尚", "向", "覃", "单", "仇", "龚", "庹")

# (at least this old, given names of men, given names of women)
_GENERATIONS = (
    (
        68,
        (
            "德厚 德明 长庚 长林 志和 守田 守信 树清 树林 文炳 福生 福来 "
            "永年 永昌 传义 传禄 兴旺 兴茂 有根 有余 正才 正发 明山 水生"
        ),
        ("桂英 桂芝 秀兰 秀珍 玉梅 玉芬 凤英 凤仙 菊香 兰芝 素珍 素华 腊梅 春秀 银花 金枝 翠莲 翠云 月娥 淑贞"),
    ),
    (
        48,
        (
            "建军 建平 建设 卫东 卫国 国庆 国强 志刚 志勇 永红 永胜 海军 海林 "
            "红兵 红星 爱民 爱国 立新 立春 新民 学文 学军 光辉 光荣 和平 华山"
        ),
        (
            "丽华 丽萍 秀丽 秀芳 玉兰 玉琴 春梅 春燕 红梅 红霞 爱华 "
            "爱莲 晓红 晓燕 建英 建红 美玲 美华 小琴 小芳 冬梅 海英"
        ),
    ),
    (
        34,
        (
            "伟峰 伟民 勇刚 小龙 小兵 晓东 晓峰 海涛 海波 志鹏 志远 文斌 "
            "文涛 俊杰 俊峰 建波 永刚 云飞 云龙 春雷 春林 正华 振宇 家兴"
        ),
        (
            "丹丹 婷婷 晓丽 晓梅 燕玲 燕妮 娟娟 雪梅 雪莲 海燕 海霞 "
            "文静 文娟 小娟 小燕 艳红 艳梅 静怡 慧敏 慧芳 云霞 琼芳"
        ),
    ),
    (
        0,
        ("子豪 子轩 浩然 浩宇 宇航 宇轩 嘉诚 嘉伟 思源 思远 博文 博雅 天佑 天宇 明轩 明哲 俊熙 泽宇 一鸣 一帆"),
        ("雨欣 雨涵 梦瑶 梦洁 思琪 思雨 佳怡 佳慧 欣怡 欣悦 诗雨 诗涵 雅婷 雅琪 可馨 若兰 心怡 语嫣 晨曦 婉清"),
    ),
)


_WELL_KNOWN = (
    "王志刚",
    "汪文斌",
    "龚海燕",
    "冯建英",
    "孙志刚",
    "杨丽萍",
    "杨丽华",
    "马建军",
    "王国强",
    "李春雷",
    "李丽萍",
)
"""Names that would make people think of somebody they have heard of."""


class Namer:
    """Gives each person a name of their generation that nobody of the town bears yet."""

    def __init__(self, seed: str, taken: set[str]) -> None:
        self._random = Random(seed)  # noqa: S311 (the same names every time)
        self._taken = {*taken, *_WELL_KNOWN}

    def name_person(self, *, age: int, is_woman: bool) -> str:
        """A name that fits an age in years."""
        men, women = next((men, women) for at_least, men, women in _GENERATIONS if age >= at_least)
        given_names = (women if is_woman else men).split()
        while True:
            rare = self._random.random() < 0.04
            surname = self._random.choice(_RARE_SURNAMES if rare else _SURNAMES)
            name = surname + self._random.choice(given_names)
            if name not in self._taken:
                self._taken.add(name)
                return name
