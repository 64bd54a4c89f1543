"""Try each import of LangChain 0.x and where it went. One line for each: old, new, and whether each can be imported."""

import importlib
import warnings

MOVED = [  # --8<-- [start:moved]
    ("langchain.chains LLMChain", "langchain_classic.chains LLMChain"),
    ("langchain.chains RetrievalQA", "langchain_classic.chains RetrievalQA"),
    ("langchain.memory ConversationBufferMemory", "langchain_classic.memory ConversationBufferMemory"),
    ("langchain.agents AgentExecutor", "langchain_classic.agents AgentExecutor"),
    ("langchain.agents create_react_agent", "langchain.agents create_agent"),
    ("langchain.prompts PromptTemplate", "langchain_core.prompts PromptTemplate"),
    ("langchain.schema Document", "langchain_core.documents Document"),
    ("langchain.schema HumanMessage", "langchain.messages HumanMessage"),
    ("langchain.schema.runnable RunnablePassthrough", "langchain_core.runnables RunnablePassthrough"),
    ("langchain.output_parsers PydanticOutputParser", "langchain_core.output_parsers PydanticOutputParser"),
    ("langchain.text_splitter CharacterTextSplitter", "langchain_text_splitters CharacterTextSplitter"),
    ("langchain.retrievers EnsembleRetriever", "langchain_classic.retrievers EnsembleRetriever"),
    ("langchain.globals set_debug", "langchain_core.globals set_debug"),
]  # --8<-- [end:moved]


def there(place: str) -> bool:
    module, name = place.split()
    try:
        return hasattr(importlib.import_module(module), name)
    except ImportError:
        return False


warnings.simplefilter("ignore")
for old, new in MOVED:
    print(f"{'there' if there(old) else 'gone '}  {old:46} {'there' if there(new) else 'gone '}  {new}")
