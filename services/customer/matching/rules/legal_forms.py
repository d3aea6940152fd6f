"""Legal forms as they stand at the end or the start of a company's name, folded (see `text.fold`).

A list of our own, measured against real names (tests/customer/matching). Longer forms need not be listed where they are
made of shorter ones: forms are taken off one after the other (`gmbh`, `and co`, `kg`).
Kept on purpose, because they tell companies apart: group and its translations (but 集团
is taken off: it is part of the form in 集团有限公司), holding(s), 控股, branches (分公司), countries in brackets.
"""

_ENGLISH = """
inc, incorporated, incorporation, corp, corporation, co, company, cos, ltd, limited, ltée, llc, lc, llc fz, llp,
lllp, lp, plc, pllc, co inc, and co, and company, company limited, public limited company, public limited,
public company, limited company, limited liability company, limited liability partnership, limited partnership,
gp, general partnership, private limited, proprietary limited, joint stock company, joint stock,
public joint stock company, open joint stock company, closed joint stock company, coltd, pte, pvt, pty,
unlimited company, dac, clg, cic, jsc, ojsc, cjsc, pjsc
"""

_EUROPEAN = """
gmbh, mbh, ggmbh, gesellschaft mit beschrankter haftung, ag, aktiengesellschaft, kg, und co,
kommanditgesellschaft, kgaa, ohg, gbr, ug, ug haftungsbeschrankt, haftungsbeschrankt, ek, ev, eg,
stiftung and co, se, sa, sas, sasu, sarl, sa rl, s ar l, eurl, et cie, et compagnie, snc, sca, scs, sci, scop,
societe anonyme, societe par actions simplifiee, societe a responsabilite limitee, spa, srl, srls, sapa,
societa per azioni, societa a responsabilita limitata, sl, slu, slp, sau, sll, sociedad anonima,
sociedad limitada, sociedad de responsabilidad limitada, lda, unipessoal, sociedade anonima, bv, nv, vof, cvba,
bvba, besloten vennootschap, naamloze vennootschap, ab, publ, aktiebolag, hb, as, asa, aksjeselskap,
allmennaksjeselskap, aps, anpartsselskab, aktieselskab, ivs, oy, oyj, abp, oy ab, osakeyhtio, ehf, hf, ou, uab,
sia, ad, ead, ood, eood, doo, dooel, dd, sro, spol sro, spol s ro, ks, vos, zrt, nyrt, kft, bt,
korlatolt felelossegu tarsasag, zartkoruen mukodo reszvenytarsasag, nyilvanosan mukodo reszvenytarsasag,
beteti tarsasag, cv, comm v, sprl, og, gesmbh, kb, kommanditbolag, ky, osauhing, vennootschap onder firma,
ανωνυμη εταιρεια, spolka z oo, sp zoo, sp z oo, spzoo, sp k, sp j, spolka akcyjna,
spolka z ograniczona odpowiedzialnoscia, spolka komandytowa, ae, epe, ike, ltd sti, sti, anonim sirketi,
limited sirketi, αε, επε, ικε, ооо, оао, зао, пао, нао, ао, тоо, тов, чп, ип, оод, еоод, ад, ooo, oao, zao, pao,
ao, too, tov
"""

_ELSEWHERE = """
sa de cv, s de rl de cv, s de rl, sapi de cv, sab de cv, sapi, sab, de cv, ltda, limitada, eireli, epp, cia,
srltda, eirl, sae, saoc, saog, wll, bsc, kscc, kscp, ksc, qsc, fze, fzco, fzc, fz llc, dmcc, pjsc, psc, tbk,
persero, bhd, berhad, sdn, sdn bhd, pcl, kk, gk, kabushiki kaisha, godo kaisha, yugen kaisha, jsc, tnhh, ctcp,
opc
"""

_CHINESE_AND_JAPANESE = """
股份有限公司, 有限责任公司, 有限公司, 股份公司, 无限公司, 两合公司, 集团公司, 总公司, 公司, 集团, 股份, 有限责任,
有限合伙, 普通合伙, 特殊普通合伙, 株式会社, 有限会社, 合同会社, 合资会社, 合名会社
"""

_KOREAN = "주식회사, 유한회사, 유한책임회사"

_BEFORE = """
pt, cv, p t, ooo, oao, zao, pao, ao, too, tov, ооо, оао, зао, пао, нао, ао, тоо, тов, чп, ип, uab, sia,
kabushiki kaisha, 株式会社, 有限会社, 合同会社, 주식회사, 유한회사, cong ty tnhh, cong ty co phan
"""

BRANCHES = ("分公司", "子公司", "办事处")
"""Ends that look like a form and are not: a branch is not its company."""


def _listed(*blocks: str) -> frozenset[str]:
    return frozenset(form.strip() for block in blocks for form in block.split(",") if form.strip())


LISTED_ENDINGS = _listed(_ENGLISH, _EUROPEAN, _ELSEWHERE, _KOREAN)
LISTED_UNSPACED_ENDINGS = _listed(_CHINESE_AND_JAPANESE)
LISTED_BEGINNINGS = _listed(_BEFORE)
