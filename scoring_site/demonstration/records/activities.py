"""What the branches do in a year: topics of the party days, and the activities that earn incentive points (2.3.2)."""

from __future__ import annotations

from typing import NamedTuple

TOPICS = (
    "学习年度工作部署，通报支部工作计划",
    "慰问困难党员和老党员，整治村容户貌",
    "学习雷锋精神，义务植树护绿",
    "缅怀革命先烈，重温入党誓词",
    "劳动最光荣：清理河道和公共场地",
    "防汛隐患排查，学习防灾避险知识",
    "庆“七一”：重温入党誓词，过政治生日",
    "暑期安全巡查，关爱留守儿童",
    "学习党纪条例，开展警示教育",
    "喜迎国庆，走访退役军人家庭",
    "秋冬森林防火宣传，清理林下可燃物",
    "总结全年工作，征求群众意见",
)
"""Topic of the party day by month."""

LECTURES = ("党章党规专题党课", "乡村振兴专题党课", "廉洁自律专题党课", "基层治理专题党课")
"""Topic of the lecture by quarter."""


class Activity(NamedTuple):
    """An activity of the year; `least` and `most` are tenths a participant is awarded before any doubling."""

    month: int
    day: int
    item: str
    note: str
    least: int
    most: int
    can_lead: bool = True
    selective: bool = False
    """Only the best are chosen: the chance of joining counts squared, and the points are grades."""


ACTIVITIES = (
    Activity(1, 16, "pairing", "春节前走访帮扶户，送米油和春联", 10, 20),
    Activity(1, 28, "home_visit", "红色家访：走访返乡党员和群众", 10, 20),
    Activity(2, 24, "council", "党员议事会：商议春耕用水和机耕路维修", 15, 25),
    Activity(3, 5, "volunteering", "学雷锋志愿服务：清理河道垃圾", 10, 20),
    Activity(3, 25, "essay", "理论学习心得一篇", 15, 25, can_lead=False),
    Activity(4, 3, "heritage", "清明祭扫烈士墓", 15, 25),
    Activity(4, 18, "governance", "人居环境整治：拆除乱搭乱建", 15, 25),
    Activity(5, 22, "pairing", "结对帮扶：帮助缺劳力农户抢收抢种", 15, 25),
    Activity(6, 14, "contest", "党史知识竞赛", 10, 40, can_lead=False, selective=True),
    Activity(6, 29, "commendation", "镇党委“七一”表彰：优秀共产党员", 10, 10, can_lead=False, selective=True),
    Activity(7, 16, "volunteering", "防汛值守志愿服务", 10, 25),
    Activity(8, 22, "key_task", "参与年度重点工作：高标准农田建设", 15, 30),
    Activity(9, 11, "council", "党员议事会：商议垃圾分类收费", 10, 20),
    Activity(9, 24, "home_visit", "党群串门：中秋国庆前走访独居老人", 10, 20),
    Activity(10, 16, "heritage", "参观县革命纪念馆", 10, 20),
    Activity(10, 27, "essay", "理论学习心得一篇", 10, 20, can_lead=False),
    Activity(11, 14, "governance", "基层治理项目：矛盾纠纷排查化解", 15, 25),
    Activity(12, 3, "volunteering", "冬季清雪除冰志愿服务", 5, 10),
    Activity(12, 10, "key_task", "参与年度重点工作：城乡居民医保参保动员", 10, 25),
)
