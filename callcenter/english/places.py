"""Places of the two provinces by the names that maps give them in English."""

from collections.abc import Mapping
from typing import Final

PLACES: Final[Mapping[str, str]] = {
    "长春市": "Changchun",
    "吉林市": "Jilin City",
    "四平市": "Siping",
    "辽源市": "Liaoyuan",
    "通化市": "Tonghua",
    "白山市": "Baishan",
    "松原市": "Songyuan",
    "白城市": "Baicheng",
    "延边朝鲜族自治州": "Yanbian",
    "公主岭市": "Gongzhuling",
    "梅河口市": "Meihekou",
    "长白山保护开发区": "Changbaishan",
    "哈尔滨市": "Harbin",
    "齐齐哈尔市": "Qiqihar",
    "鸡西市": "Jixi",
    "鹤岗市": "Hegang",
    "双鸭山市": "Shuangyashan",
    "大庆市": "Daqing",
    "伊春市": "Yichun",
    "佳木斯市": "Jiamusi",
    "七台河市": "Qitaihe",
    "牡丹江市": "Mudanjiang",
    "黑河市": "Heihe",
    "绥化市": "Suihua",
    "大兴安岭地区": "Greater Khingan",
}
