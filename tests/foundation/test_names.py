import pytest

from foundation.names import name_initials, name_pinyin, normalise_name


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("张　三", "张三"),
        ("张 三", "张三"),
        (" 欧阳 小 明 ", "欧阳小明"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽・买买提", "阿依古丽·买买提"),
        ("阿依古丽 · 买买提", "阿依古丽·买买提"),
        ("阿依古丽.买买提", "阿依古丽·买买提"),
        ("阿依古丽．买买提", "阿依古丽·买买提"),
        ("阿依古丽‧买买提", "阿依古丽·买买提"),
        ("John  Smith", "John Smith"),
        ("𬱖 䶮", "𬱖䶮"),
        ("㛃 𫖯", "㛃𫖯"),
    ],
)
def test_one_spelling(written: str, name: str) -> None:
    assert normalise_name(written) == name


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("张三", "zhang san", "zs"),
        ("曾国华", "zeng guo hua", "zgh"),
        ("单雄", "shan xiong", "sx"),
        ("解珍", "xie zhen", "xz"),
        ("仇英", "qiu ying", "qy"),
        ("区小明", "ou xiao ming", "oxm"),
        ("查良镛", "zha liang yong", "zly"),
        ("任超", "ren chao", "rc"),
        ("朴大成", "piao da cheng", "pdc"),
        ("盖聂", "ge nie", "gn"),
        ("翟天", "zhai tian", "zt"),
        ("尉迟恭", "yu chi gong", "ycg"),
        ("万俟明", "mo qi ming", "mqm"),
        ("欧阳修", "ou yang xiu", "oyx"),
        ("吕布", "lv bu", "lb"),
        ("阿依古丽·买买提", "a yi gu li mai mai ti", "ayglmmt"),
        ("", "", ""),
    ],
)
def test_pinyin(name: str, pinyin: str, initials: str) -> None:
    assert (name_pinyin(name), name_initials(name)) == (pinyin, initials)
