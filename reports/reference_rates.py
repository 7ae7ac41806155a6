"""The rates that a portal begins with: 注册率, 履约率, 投产率 and 资金到位率, each of two counted indicators.

All are of the projects signed in the year, as they stand at the end of the period. Cities define them differently: a
statistician makes further ones in the browser, and these say what they count.
"""

from typing import Any, Final

from reports.models import Indicator

F100: Final = "category=industry&contract_type=formal&kind=new&total_investment_min=100000000"
"""亿元以上产业项目: new, industrial, under a formal contract, 1亿元 or more."""
F100_FULFILLED: Final = "category=industry&contract_type=formal&fulfilled=true&kind=new&total_investment_min=100000000"

PIECES: Final = {"unit": "个", "display_unit": "个", "listed": False}
MONEY: Final = {"unit": "元", "display_unit": "亿元", "decimals": 1, "listed": False}
RATE: Final = {"measure": "ratio", "unit": "%", "display_unit": "%", "decimals": 1, "listed": False}
COHORT: Final = {"window": Indicator.Window.AS_OF, "cohort_date": "signed_on", "cohort_years": 1}

COHORT_COUNTS: Final[tuple[dict[str, Any], ...]] = (
    {
        "code": "cohort_registered",
        "name": "当年签约亿元以上产业项目注册数",
        "short_name": "当年签约已注册",
        "source": "projects",
        "filter": F100,
        "measure": "count",
        "basis": "registered_on",
        **COHORT,
        **PIECES,
        "order": 240,
        "definition": "当年签约的亿元以上产业项目中，截至期末已完成工商注册的个数。注册时间不详的不计，已终止的不计。",
    },
    {
        "code": "cohort_fulfilled",
        "name": "当年签约亿元以上产业项目履约数",
        "short_name": "当年签约已履约",
        "source": "projects",
        "filter": F100_FULFILLED,
        "measure": "count",
        "basis": "registered_on",
        **COHORT,
        **PIECES,
        "order": 250,
        "definition": "当年签约的亿元以上产业项目中，截至期末已完成工商注册，"
        "并且已有资金到位、已受理入园或已开工的个数。"
        "已终止的不计。",
    },
    {
        "code": "cohort_producing",
        "name": "当年签约亿元以上产业项目投产数",
        "short_name": "当年签约已投产",
        "source": "projects",
        "filter": F100,
        "measure": "count",
        "basis": "in_production_on",
        **COHORT,
        **PIECES,
        "order": 260,
        "definition": "当年签约的亿元以上产业项目中，截至期末已投产的个数。投产时间不详的不计，已终止的不计。",
    },
    {
        "code": "cohort_arrived_funds",
        "name": "当年签约亿元以上产业项目到位资金",
        "short_name": "当年签约到位资金",
        "source": "fund_arrivals",
        "filter": F100,
        "measure": "sum",
        "measure_fields": "amount",
        "basis": "received_on",
        **COHORT,
        **MONEY,
        "order": 270,
        "definition": "当年签约的亿元以上产业项目截至期末实际到位、已核实的资金，内资外资都计，外资按登记汇率折算。"
        "项目终止前已到的资金照计。",
    },
    {
        "code": "cohort_contracted_capital",
        "name": "当年签约亿元以上产业项目合同引资额",
        "short_name": "当年签约合同引资额",
        "source": "signed_ever",
        "filter": F100,
        "measure": "sum",
        "measure_fields": "contracted_capital",
        "basis": "signed_on",
        **MONEY,
        "order": 280,
        "definition": "当年签约的亿元以上产业项目合同约定由引进方投入的资金之和，签约后终止的仍计在内。"
        "未填合同引资额的按0计。",
    },
    {
        "code": "cohort_investment",
        "name": "当年签约亿元以上产业项目总投资（含已终止）",
        "short_name": "当年签约总投资（含已终止）",
        "source": "signed_ever",
        "filter": F100,
        "measure": "sum",
        "measure_fields": "total_investment",
        "basis": "signed_on",
        **MONEY,
        "order": 290,
        "definition": "当年签约的亿元以上产业项目合同约定总投资之和，签约后终止的仍计在内。",
    },
)

RATES: Final[tuple[dict[str, Any], ...]] = (
    *COHORT_COUNTS,
    {
        "code": "registration_rate",
        "name": "当年签约亿元以上产业项目注册率",
        "short_name": "注册率",
        "numerator": "cohort_registered",
        "denominator": "cohort_signed",
        **RATE,
        "order": 310,
        "definition": "当年签约的亿元以上产业项目中，截至期末已完成工商注册的所占比重。签约后终止的仍计入签约数。",
    },
    {
        "code": "fulfilment_rate",
        "name": "当年签约亿元以上产业项目履约率",
        "short_name": "履约率",
        "numerator": "cohort_fulfilled",
        "denominator": "cohort_signed",
        **RATE,
        "order": 320,
        "definition": "当年签约的亿元以上产业项目中，截至期末已注册，并且已有资金到位、已受理入园或已开工的所占比重。"
        "签约后终止的仍计入签约数。",
    },
    {
        "code": "production_rate",
        "name": "当年签约亿元以上产业项目投产率",
        "short_name": "投产率",
        "numerator": "cohort_producing",
        "denominator": "cohort_signed",
        **RATE,
        "order": 330,
        "definition": "当年签约的亿元以上产业项目中，截至期末已投产的所占比重。签约后终止的仍计入签约数。",
    },
    {
        "code": "arrival_rate",
        "name": "当年签约亿元以上产业项目资金到位率（按合同引资额）",
        "short_name": "资金到位率（按合同引资额）",
        "numerator": "cohort_arrived_funds",
        "denominator": "cohort_contracted_capital",
        **RATE,
        "order": 340,
        "definition": "当年签约的亿元以上产业项目截至期末实际到位资金，占合同引资额的比重。"
        "签约后终止的，合同引资额仍计在内。",
    },
    {
        "code": "arrival_rate_total",
        "name": "当年签约亿元以上产业项目资金到位率（按总投资）",
        "short_name": "资金到位率（按总投资）",
        "numerator": "cohort_arrived_funds",
        "denominator": "cohort_investment",
        **RATE,
        "order": 350,
        "definition": "当年签约的亿元以上产业项目截至期末实际到位资金，占合同约定总投资的比重。"
        "签约后终止的，总投资仍计在内。",
    },
)
"""In the order in which they need each other; 开工率 stands with the funnel in `reference`."""
