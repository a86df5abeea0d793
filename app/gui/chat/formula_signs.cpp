#include "formula_signs.h"

#include <QHash>
#include <QStringList>

namespace nibble::gui {

namespace {

using Kind = FormulaSign::Kind;
using Signs = QHash<QString, FormulaSign>;

void add(Signs& signs, Kind kind, const char* list) {
    const QStringList parts = QString::fromUtf8(list).split(' ', Qt::SkipEmptyParts);
    for (qsizetype i = 0; i + 1 < parts.size(); i += 2) signs.insert(parts[i], {kind, parts[i + 1]});
}

Signs makeSigns() {
    Signs signs;
    add(signs, Kind::Letter,
        "alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ "
        "mu μ nu ν xi ξ pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ "
        "omega ω "
        "Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω hbar ℏ ell ℓ Re ℜ Im ℑ "
        "aleph ℵ infty ∞ partial ∂ nabla ∇ emptyset ∅ varnothing ∅ forall ∀ exists ∃ nexists ∄ neg ¬ lnot ¬ angle ∠ "
        "triangle △ square □ circ ∘ degree ° prime ′ ldots … dots … cdots ⋯ vdots ⋮ ddots ⋱ sum ∑ prod ∏ int ∫ iint ∬ "
        "iiint ∭ oint ∮ bigcup ⋃ bigcap ⋂ langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ lbrace { rbrace } vert | "
        "lvert | rvert | Vert ‖ lVert ‖ rVert ‖ top ⊤ bot ⊥ euro € pounds £ checkmark ✓");
    add(signs, Kind::Binary,
        "times × div ÷ cdot · pm ± mp ∓ cup ∪ cap ∩ setminus ∖ land ∧ wedge ∧ lor ∨ vee ∨ oplus ⊕ otimes ⊗ ast ∗ "
        "bullet ∙ star ⋆");
    add(signs, Kind::Relation,
        "leq ≤ le ≤ geq ≥ ge ≥ neq ≠ ne ≠ lt < gt > approx ≈ equiv ≡ sim ∼ simeq ≃ cong ≅ propto ∝ ll ≪ gg ≫ in ∈ "
        "notin ∉ ni ∋ subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ to → rightarrow → longrightarrow → leftarrow ← gets ← "
        "leftrightarrow ↔ Rightarrow ⇒ implies ⇒ Leftarrow ⇐ Leftrightarrow ⇔ iff ⇔ mapsto ↦ uparrow ↑ downarrow ↓ "
        "perp ⊥ parallel ∥ mid ∣ therefore ∴ because ∵ doteq ≐ coloneqq ≔ triangleq ≜");
    for (const char* name : {"sin",  "cos",  "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh",
                             "cosh", "tanh", "log", "ln",  "lg",  "exp", "lim",    "max",    "min",    "sup",
                             "inf",  "det",  "dim", "ker", "gcd", "arg", "deg",    "Pr",     "mod"})
        signs.insert(QString::fromLatin1(name), {Kind::Function, QString::fromLatin1(name)});
    signs.insert(QStringLiteral("pmod"), {Kind::Function, QStringLiteral("mod")});
    signs.insert(QStringLiteral("bmod"), {Kind::Function, QStringLiteral(" mod")});
    signs.insert(QStringLiteral("quad"), {Kind::Letter, QString(QChar(0x2003))});
    signs.insert(QStringLiteral("qquad"), {Kind::Letter, QString(2, QChar(0x2003))});
    for (const char* name : {"displaystyle", "textstyle", "limits", "nolimits", "big", "Big", "bigg", "Bigg", "bigl",
                             "bigr", "Bigl", "Bigr", "biggl", "biggr", "nonumber", "notag"})
        signs.insert(QString::fromLatin1(name), {Kind::Skipped, {}});
    return signs;
}

} // namespace

const FormulaSign* formulaSign(const QString& name) {
    static const Signs signs = makeSigns();
    const auto found = signs.constFind(name);
    return found == signs.constEnd() ? nullptr : &*found;
}

QChar formulaAccent(const QString& name) {
    static const QHash<QString, QChar> accents{
        {"hat", QChar(0x302)},   {"bar", QChar(0x304)},     {"overline", QChar(0x304)},
        {"vec", QChar(0x20d7)},  {"dot", QChar(0x307)},     {"ddot", QChar(0x308)},
        {"tilde", QChar(0x303)}, {"widehat", QChar(0x302)}, {"widetilde", QChar(0x303)}};
    return accents.value(name);
}

bool isFormulaText(const QString& name) {
    static const QStringList names{"text",         "textrm", "textbf", "textit", "mathrm",
                                   "operatorname", "mbox",   "mathsf", "mathtt"};
    return names.contains(name);
}

} // namespace nibble::gui
