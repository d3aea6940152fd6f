"""Domains that name no company: public mail, and hosts and market places where everybody has a page."""

_FAMILIES = frozenset(
    {"gmail", "googlemail", "hotmail", "outlook", "live", "yahoo", "ymail", "gmx", "yandex", "aol", "msn", "protonmail"}
)
"""Names that are a public provider's under every public suffix (`hotmail.co.uk`, `yahoo.com.hk`)."""

_LISTED = """
qq.com vip.qq.com foxmail.com 163.com 163.net vip.163.com 126.com yeah.net 188.com sina.com sina.cn
sina.com.cn sohu.com tom.com 21cn.com 139.com 189.cn wo.cn 263.net aliyun.com eyou.com hainan.net icloud.com
me.com mac.com proton.me pm.me tutanota.com tuta.io mail.com email.com usa.com inbox.com zoho.com zohomail.com
fastmail.com fastmail.fm hushmail.com rocketmail.com rediffmail.com lycos.com rambler.ru mail.ru bk.ru
inbox.ru list.ru ya.ru ukr.net i.ua seznam.cz centrum.cz atlas.cz wp.pl o2.pl onet.pl interia.pl op.pl abv.bg
web.de freenet.de t-online.de arcor.de bluewin.ch orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr
libero.it virgilio.it alice.it tiscali.it tin.it telenet.be skynet.be ziggo.nl kpnmail.nl xs4all.nl home.nl
planet.nl btinternet.com sky.com talktalk.net ntlworld.com virginmedia.com comcast.net verizon.net att.net
sbcglobal.net bellsouth.net cox.net charter.net earthlink.net juno.com shaw.ca rogers.com sympatico.ca
bigpond.com optusnet.com.au naver.com daum.net hanmail.net nate.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp
nifty.com hinet.net pchome.com.tw uol.com.br bol.com.br terra.com.br ig.com.br mailinator.com
guerrillamail.com 10minutemail.com yopmail.com facebook.com linkedin.com instagram.com twitter.com x.com
youtube.com weibo.com wechat.com tiktok.com google.com alibaba.com 1688.com taobao.com tmall.com jd.com
made-in-china.com globalsources.com amazon.com ebay.com example.com example.org example.net
"""
_DOMAINS = frozenset(_LISTED.split())


def is_shared(registered_domain: str, name: str) -> bool:
    """Say whether a registered domain (and its part before the public suffix) belongs to everybody."""
    return registered_domain in _DOMAINS or name in _FAMILIES
